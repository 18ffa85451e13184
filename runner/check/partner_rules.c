/* partner-rules: what a partner asks of those who ask it.
 *
 * After an answer that was delivered and says that nobody is to ask for so long (retry_ms), no
 * request to that partner left before that time had passed, for any wish. Counted from when the
 * answer left the partner: a request that left within a second of that may have left before it was
 * heard, and is none; where the partner says a date, its clock may be off by max_skew. Exposed once
 * per such answer.
 *
 * No confirm leaves for a hold that is over: an EFFECT took the reservation from on_hold to
 * expired, and a confirm of it was sent max_skew later or later still. Exposed once per hold that
 * ended so.
 *
 * When a request was sent is told by its asked_ms, else by its arrival at the door.
 */
#include "runner/check/checks.h"

#define HEARD_MS 1000

static bool is_request(const struct dbk_seen *seen, const char *partner)
{
    return seen->fact->kind == DBK_FACT_SAW && dbk_same(seen->fact->who, partner);
}

static int64_t skew_of(const struct dbk_index *index, const char *partner, bool only_of_dates)
{
    const struct dbk_party *party = dbk_history_partner(index->history, partner);

    if (party == NULL || (only_of_dates && party->profile.slow_down != DBK_SLOW_DOWN_DATE)) {
        return 0;
    }
    return party->profile.max_skew_ms;
}

static bool is_pause(const struct dbk_seen *seen)
{
    const struct dbk_fact *fact = seen->fact;

    return fact->kind == DBK_FACT_ANSWER && fact->retry_ms > 0 && fact->who != NULL &&
           dbk_answer_was_heard(fact);
}

static const char *name_of(const struct dbk_seen *seen)
{
    return seen->wish != NULL ? seen->wish->name : seen->fact->who;
}

/* True if it violated. */
static bool check_pause(const struct dbk_index *index, const struct dbk_seen *answer,
                        struct dbk_finding *finding)
{
    const char *partner = answer->fact->who;
    int64_t until = answer->at_ms + answer->fact->retry_ms - skew_of(index, partner, true);

    for (size_t i = 0; i < index->count; i++) {
        const struct dbk_seen *saw = &index->seen[i];
        int64_t sent = is_request(saw, partner) ? dbk_seen_asked(saw) : DBK_ABSENT;
        if (sent == DBK_ABSENT || sent <= answer->at_ms + HEARD_MS || sent >= until) {
            continue;
        }
        const size_t evidence[] = {answer->number, saw->number, 0};
        dbk_finding_violated(
            finding, name_of(saw), sent, evidence,
            "%s answered at %s that it wants no request for %s s, and a %s left "
            "for it at %s",
            partner, dbk_say_when(answer).text,
            dbk_arena_printf(index->arena, "%lld", (long long)(answer->fact->retry_ms / 1000)),
            saw->fact->op ? saw->fact->op : "request", dbk_say_time(sent).text);
        return true;
    }
    return false;
}

static bool ends_hold(const struct dbk_seen *seen)
{
    return seen->fact->kind == DBK_FACT_EFFECT && dbk_same(seen->fact->state, "expired") &&
           dbk_same(seen->fact->state_before, "on_hold") && seen->fact->reservation != NULL;
}

static void check_hold(const struct dbk_index *index, const struct dbk_seen *effect,
                       struct dbk_finding *finding)
{
    const struct dbk_fact *over = effect->fact;
    int64_t until = effect->at_ms + skew_of(index, over->who, false);

    for (size_t i = 0; i < index->count; i++) {
        const struct dbk_seen *saw = &index->seen[i];
        int64_t sent = is_request(saw, over->who) ? dbk_seen_asked(saw) : DBK_ABSENT;
        if (sent == DBK_ABSENT || sent < until || !dbk_same(saw->fact->op, "confirm") ||
            !dbk_same(saw->fact->reservation, over->reservation)) {
            continue;
        }
        const size_t evidence[] = {effect->number, saw->number, 0};
        dbk_finding_violated(finding, name_of(saw), sent, evidence,
                             "the hold %s at %s was over at %s, and a confirm left for it at %s",
                             over->reservation, over->who ? over->who : "a partner",
                             dbk_say_when(effect).text, dbk_say_time(sent).text);
        return;
    }
}

void dbk_check_partner_rules(const struct dbk_index *index, struct dbk_finding *finding)
{
    bool is_untimed = false, is_violated = false;

    if (index->kinds[DBK_FACT_SAW] == 0 && index->history->stage == NULL) {
        finding->missing = "which requests reached the partner (saw)";
    }
    for (size_t i = 0; i < index->count; i++) {
        const struct dbk_seen *seen = &index->seen[i];
        if (!is_pause(seen) && !ends_hold(seen)) {
            continue;
        }
        if (seen->at_ms == DBK_ABSENT) {
            is_untimed = true;
            continue;
        }
        finding->exposed++;
        if (ends_hold(seen)) {
            check_hold(index, seen, finding);
        } else if (!is_violated) { /* many requests in one pause are one mistake */
            is_violated = check_pause(index, seen, finding);
        }
    }
    if (is_untimed && !is_violated) {
        finding->missing = DBK_MISSING_ORDER;
    }
}
