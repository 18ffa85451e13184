#include "core/texts.h"

#include "base/time.h"
#include "core/names.h"

#include <stdlib.h>
#include <string.h>

#define PARTS 5

/* known, doing, by when, charged, what not to do; NULL: there is nothing to say. A %s in "by when"
 * is the time; without a known time that part is left out. */
struct words {
    const char *parts[PARTS];
};

static const struct {
    const char *name;
    struct words in[DBK_LANGUAGES];
} texts[DBK_TOLDS] = {
    [DBK_TOLD_RECEIVED] =
        {"received",
         {{{"We have received your booking.", "We are arranging it with our partner.", NULL,
            "Nothing is charged unless it is confirmed.", NULL}},
          {{"Nous avons reçu votre réservation.", "Nous l'organisons avec notre partenaire.", NULL,
            "Rien n'est débité tant qu'elle n'est pas confirmée.", NULL}}}},
    [DBK_TOLD_HELD] =
        {"held",
         {{{"Our partner holds it for you.", "We wait for you to confirm it.",
            "It is held until %s.", "Nothing is charged unless you confirm it.", NULL}},
          {{"Notre partenaire la garde pour vous.", "Nous attendons votre confirmation.",
            "Elle est gardée jusqu'au %s.", "Rien n'est débité sans votre confirmation.", NULL}}}},
    [DBK_TOLD_PENDING] =
        {"pending",
         {{{"Our partner has your booking.", "We are waiting for it to be confirmed.",
            "You will hear from us by %s.", "Nothing is charged unless it is confirmed.",
            "There is no need to book again."}},
          {{"Notre partenaire a votre réservation.", "Nous attendons sa confirmation.",
            "Vous aurez de nos nouvelles d'ici le %s.",
            "Rien n'est débité tant qu'elle n'est pas confirmée.",
            "Il est inutile de réserver à nouveau."}}}},
    [DBK_TOLD_CHECKING] =
        {"checking",
         {{{"We do not know yet whether our partner has your booking.", "We are making sure of it.",
            "You will hear from us by %s.", "Nothing is charged unless it is confirmed.",
            "There is no need to book again: that could book it twice."}},
          {{"Nous ne savons pas encore si notre partenaire a votre réservation.",
            "Nous le vérifions.", "Vous aurez de nos nouvelles d'ici le %s.",
            "Rien n'est débité tant qu'elle n'est pas confirmée.",
            "Il est inutile de réserver à nouveau : cela pourrait réserver deux fois."}}}},
    [DBK_TOLD_PERSON] =
        {"person",
         {{{"Your booking is not settled yet.", "A colleague of ours is looking after it.", NULL,
            "Nothing is charged unless it is confirmed.",
            "There is no need to book again: that could book it twice."}},
          {{"Votre réservation n'est pas encore réglée.", "Un de nos collègues s'en occupe.", NULL,
            "Rien n'est débité tant qu'elle n'est pas confirmée.",
            "Il est inutile de réserver à nouveau : cela pourrait réserver deux fois."}}}},
    [DBK_TOLD_CANCELLING] =
        {"cancelling",
         {{{"We know that you want to cancel your booking.", "We are cancelling it.",
            "You will hear from us by %s.", NULL, NULL}},
          {{"Nous savons que vous voulez annuler votre réservation.", "Nous l'annulons.",
            "Vous aurez de nos nouvelles d'ici le %s.", NULL, NULL}}}},
    [DBK_TOLD_CONFIRMED] = {"confirmed",
                            {{{"Your booking is confirmed.", NULL, NULL,
                               "You are charged the agreed price.", NULL}},
                             {{"Votre réservation est confirmée.", NULL, NULL,
                               "Le prix convenu vous est débité.", NULL}}}},
    [DBK_TOLD_CONFIRMED_PERSON] = {"confirmed-person",
                                   {{{"Your booking stands as confirmed.",
                                      "A colleague of ours is looking into something about it.",
                                      NULL, NULL, "Please do not book again."}},
                                    {{"Votre réservation reste confirmée.",
                                      "Un de nos collègues vérifie un point.", NULL, NULL,
                                      "Merci de ne pas réserver à nouveau."}}}},
    [DBK_TOLD_CANCELLED] = {"cancelled",
                            {{{"Your booking is cancelled, as you wished.", NULL, NULL,
                               "What was charged is given back as the terms say.", NULL}},
                             {{"Votre réservation est annulée, comme vous le souhaitiez.", NULL,
                               NULL, "Ce qui a été débité est rendu selon les conditions.",
                               NULL}}}},
    [DBK_TOLD_CANCELLED_BY_PARTNER] =
        {"cancelled-by-partner",
         {{{"We are sorry: our partner has cancelled your booking.", NULL, NULL,
            "What was charged is given back in full.", NULL}},
          {{"Nous sommes désolés : notre partenaire a annulé votre réservation.", NULL, NULL,
            "Ce qui a été débité est rendu en entier.", NULL}}}},
    [DBK_TOLD_REJECTED] =
        {"rejected",
         {{{"We are sorry: our partner could not accept your booking.", NULL, NULL,
            "You are not charged.", NULL}},
          {{"Nous sommes désolés : notre partenaire n'a pas pu accepter votre réservation.", NULL,
            NULL, "Rien ne vous est débité.", NULL}}}},
    [DBK_TOLD_EXPIRED] =
        {"expired",
         {{{"We are sorry: the time to confirm your booking has run out.", NULL, NULL,
            "You are not charged.", NULL}},
          {{"Nous sommes désolés : le délai pour confirmer votre réservation est écoulé.", NULL,
            NULL, "Rien ne vous est débité.", NULL}}}},
};

const char *dbk_told_name(enum dbk_told told)
{
    return texts[told].name;
}

enum dbk_told dbk_told_by_name(const char *name)
{
    enum dbk_told told = 0;

    while (told < DBK_TOLDS && !dbk_same(texts[told].name, name))
        told++;
    return told;
}

/* The partner's doing if nobody here wanted it. */
static enum dbk_told told_of_final(enum dbk_status status, const struct dbk_known *known)
{
    if (status == DBK_STATUS_REJECTED)
        return DBK_TOLD_REJECTED;
    if (status == DBK_STATUS_EXPIRED)
        return DBK_TOLD_EXPIRED;
    return known->is_cancel_asked ? DBK_TOLD_CANCELLED : DBK_TOLD_CANCELLED_BY_PARTNER;
}

enum dbk_told dbk_told_of(enum dbk_status status, enum dbk_sync sync, const struct dbk_known *known,
                          bool is_held)
{
    bool is_with_person = sync == DBK_SYNC_OPERATOR;

    if (dbk_status_is_final(status))
        return told_of_final(status, known);
    if (known->is_cancel_asked && !is_with_person)
        return DBK_TOLD_CANCELLING;
    if (status == DBK_STATUS_CONFIRMED)
        return is_with_person ? DBK_TOLD_CONFIRMED_PERSON : DBK_TOLD_CONFIRMED;
    if (is_with_person)
        return DBK_TOLD_PERSON;
    if (sync == DBK_SYNC_IN_DOUBT)
        return DBK_TOLD_CHECKING;
    if (status == DBK_STATUS_RECEIVED)
        return DBK_TOLD_RECEIVED;
    return is_held && known->is_only_held ? DBK_TOLD_HELD : DBK_TOLD_PENDING;
}

/* "2026-07-01 17:55 UTC" */
static void add_time(int64_t wall_ms, struct dbk_text *out)
{
    char instant[DBK_INSTANT_TEXT];

    dbk_instant_print(wall_ms, instant);
    dbk_text_printf(out, "%.10s %.5s UTC", instant, instant + 11);
}

void dbk_told_write(enum dbk_told told, enum dbk_language language, int64_t by_ms,
                    struct dbk_text *out)
{
    const struct words *words = &texts[told].in[language];
    const char *space = "";

    for (size_t i = 0; i < PARTS; i++) {
        const char *part = words->parts[i];
        const char *time = part ? strstr(part, "%s") : NULL;
        if (!part || (time && by_ms <= 0))
            continue;
        dbk_text_add(out, space);
        space = " ";
        if (!time) {
            dbk_text_add(out, part);
            continue;
        }
        dbk_text_put(out, part, (size_t)(time - part));
        add_time(by_ms, out);
        dbk_text_add(out, time + 2);
    }
}

/* Languages. */

static const char *const tags[DBK_LANGUAGES] = {[DBK_ENGLISH] = "en", [DBK_FRENCH] = "fr"};

const char *dbk_language_tag(enum dbk_language language)
{
    return tags[language];
}

/* "q=0.25" in thousandths; 1000 where an entry has none; -1: it is no weight. */
static int weight_of(const char *entry, size_t length)
{
    const char *semicolon = memchr(entry, ';', length);
    int weight = 0, digits = 0;

    if (!semicolon)
        return 1000;
    const char *at = semicolon + 1, *end = entry + length;
    while (at < end && *at == ' ')
        at++;
    if (end - at < 3 || at[0] != 'q' || at[1] != '=' || (at[2] != '0' && at[2] != '1'))
        return -1;
    weight = 1000 * (at[2] - '0');
    for (at += 3; at < end && (*at == '.' || (*at >= '0' && *at <= '9')) && digits < 3; at++) {
        static const int places[] = {100, 10, 1};
        if (*at != '.')
            weight += places[digits++] * (*at - '0');
    }
    return weight > 1000 ? 1000 : weight;
}

static bool is_tag(const char *entry, size_t length, const char *tag)
{
    bool is_long_enough = length >= 2;

    return is_long_enough && (entry[0] | 0x20) == tag[0] && (entry[1] | 0x20) == tag[1] &&
           (length == 2 || strchr("-; ", entry[2]));
}

enum dbk_language dbk_language_of(const char *accept_language)
{
    int best[DBK_LANGUAGES] = {0};

    for (const char *entry = accept_language ? accept_language : ""; *entry;) {
        entry += strspn(entry, " ,\t");
        size_t length = strcspn(entry, ",");
        for (int language = 0; language < DBK_LANGUAGES; language++) {
            int weight = is_tag(entry, length, tags[language]) ? weight_of(entry, length) : -1;
            if (weight > best[language])
                best[language] = weight;
        }
        entry += length;
    }
    return best[DBK_FRENCH] > best[DBK_ENGLISH] ? DBK_FRENCH : DBK_ENGLISH;
}
