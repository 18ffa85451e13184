/* What a traveller is charged, as she can see it herself.
 *
 * charge-once, per booking, by reads that show what is charged (amount) and what it is to cost
 * (price), on a page or detail. Always: nothing is charged while received or pending is shown, if
 * it has never been shown confirmed; never more than the price that was shown first, nor than any
 * shown later. At the end, by the last such read with nothing new from the partner since it was
 * asked for: a confirmed booking is charged in full; one that is rejected or expired is charged
 * nothing, nor is one that is cancelled where nobody asked to cancel or leave it. One that the
 * traveller cancelled may keep what its terms say. Of each booking the first violation is told.
 * Exposed once per booking that costs something and has an attempt in doubt or a second create, or
 * that is shown charged and is over at the end.
 */
#include "runner/check/checks.h"

static bool shows_money(const struct dbk_seen *read)
{
    return read->fact->status != NULL && !dbk_same(read->fact->surface, "list") &&
           read->fact->amount != DBK_ABSENT && read->fact->price != DBK_ABSENT;
}

static bool is_over(const char *status)
{
    return dbk_same(status, "rejected") || dbk_same(status, "expired") ||
           dbk_same(status, "cancelled");
}

static bool is_open(const char *status)
{
    return dbk_same(status, "received") || dbk_same(status, "pending");
}

static void tell(struct dbk_finding *finding, const struct dbk_seen *first,
                 const struct dbk_seen *read, const char *wrong)
{
    const size_t evidence[] = {first->number, read->number, 0};

    dbk_finding_violated(finding, read->booked->name, read->at_ms, evidence,
                         "%s at %s shows %s %s with %lld charged of %lld, %s",
                         dbk_say_screen(read).text, dbk_say_when(read).text, read->booked->name,
                         read->fact->status, (long long)read->fact->amount,
                         (long long)first->fact->price, wrong);
}

/* What must hold at any time; gives false after a violation. */
static bool holds_now(struct dbk_finding *finding, const struct dbk_seen *first,
                      const struct dbk_seen *read, bool was_confirmed)
{
    int64_t charged = read->fact->amount;
    const char *wrong = NULL;

    if (charged > first->fact->price || charged > read->fact->price)
        wrong = "more than was agreed";
    else if (charged > 0 && !was_confirmed && is_open(read->fact->status))
        wrong = "before it was confirmed";
    if (wrong != NULL)
        tell(finding, first, read, wrong);
    return wrong == NULL;
}

static bool is_called_off(const struct dbk_wish *wish)
{
    for (size_t i = 0; i < wish->fact_count; i++)
        if (dbk_fact_is(wish->facts[i]->fact, DBK_FACT_ASKED, "cancel") ||
            dbk_fact_is(wish->facts[i]->fact, DBK_FACT_ASKED, "leave"))
            return true;
    return false;
}

static bool is_last(const struct dbk_seen *read)
{
    const struct dbk_wish *wish = read->wish;

    for (size_t i = 0; i < wish->fact_count; i++)
        if (dbk_fact_is_news(wish->facts[i]->fact) && !dbk_seen_is_past(wish->facts[i], read))
            return false;
    return true;
}

static void judge_end(struct dbk_finding *finding, const struct dbk_seen *first,
                      const struct dbk_seen *last)
{
    const struct dbk_fact *fact = last->fact;
    bool must_be_free = is_over(fact->status) &&
                        !(dbk_same(fact->status, "cancelled") && is_called_off(last->wish));

    if (!is_last(last))
        return;
    if (dbk_same(fact->status, "confirmed") && fact->amount < fact->price)
        tell(finding, first, last, "less than it costs");
    else if (must_be_free && fact->amount > 0)
        tell(finding, first, last, "and it was not given back");
}

static bool was_at_risk(const struct dbk_wish *wish)
{
    return dbk_wish_doubt(wish) != NULL || wish->attempt_count > 1;
}

/* False where nothing is known of its money. */
static bool judge(const struct dbk_index *index, const struct dbk_booked *booked,
                  struct dbk_finding *finding)
{
    const struct dbk_seen *first = NULL, *last = NULL;
    bool holds = true, was_charged = false, was_confirmed = false;

    for (size_t i = 0; i < booked->read_count; i++) {
        const struct dbk_seen *read = booked->reads[i];
        if (!shows_money(read))
            continue;
        first = first == NULL ? read : first;
        last = read;
        was_charged = was_charged || read->fact->amount > 0;
        was_confirmed = was_confirmed || dbk_same(read->fact->status, "confirmed");
        holds = holds && holds_now(finding, first, read, was_confirmed);
    }
    if (first == NULL)
        return false;
    finding->exposed += first->fact->price > 0 &&
                        (was_at_risk(booked->wish) || (was_charged && is_over(last->fact->status)));
    if (holds && index->end != NULL && !dbk_same(index->end->fact->fate, "stopped"))
        judge_end(finding, first, last);
    return true;
}

void dbk_check_charge_once(const struct dbk_index *index, struct dbk_finding *finding)
{
    size_t judged = 0;

    for (size_t i = 0; i < index->booking_count; i++)
        judged += judge(index, index->bookings[i], finding);
    if (judged == 0)
        finding->missing = DBK_MISSING_CHARGES;
}
