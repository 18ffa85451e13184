#include "runner/find_stories.h"

const struct dbk_told_row dbk_told_stories[] = {
    {"story-01", "A create is committed, its answer lost, and it is sent again under the same key.",
     "OCTO, Ventrata"},
    {"story-02", "The same, and the partner refuses the repeat: this key is used already.",
     "octo-core"},
    {"story-03", "The same without a key: an orphan hold, and then a second one.",
     "the official validator's client"},
    {"story-04", "A confirm is committed, its answer lost, and the repeat is refused as confirmed.",
     "octo-backend"},
    {"story-05",
     "A confirm arrives just after the hold is over; the error is that of an unknown id.", "OCTO"},
    {"story-06", "Our clock says that the hold is over; the partner confirmed it in time.", "OCTO"},
    {"story-07", "The client's patience is shorter than the partner's tail.",
     "dental voice agent; Expedia, Viator, Duffel, Gimmonix"},
    {"story-08", "A look-up finds nothing for a while, and then the reservation.", "Expedia"},
    {"story-09", "A 500 that means unknown and a 500 that means gone, under one client.",
     "Viator, Hotelbeds"},
    {"story-10", "A 502 that promises that nothing was made, and a 502 that promises nothing.",
     "Duffel"},
    {"story-11", "A cancel is answered 202; later the reservation is still confirmed.", "Expedia"},
    {"story-12", "A create is answered 202, fails later, and the traveller was told it is booked.",
     "Duffel"},
    {"story-13", "A 200 whose body is a web page, or is cut.", "Expedia"},
    {"story-14", "Too many requests: said in a 400 body, or as a date, or in seconds.",
     "octo-backend, RFC 9110"},
    {"story-15", "The same key with another body.", "Idempotency-Key draft, Brandur Leach, Azure"},
    {"story-16", "Two requests with one key at the same time.",
     "Idempotency-Key draft, Happy Travel"},
    {"story-17", "A key is used again after its time is over, and is new.", "Stripe"},
    {"story-18", "A key made of the content turns two bookings that were wanted into one.",
     "octo-backend"},
    {"story-19", "A callback comes before the answer to the call that caused it.", "Duffel, ETG"},
    {"story-20", "A callback about an older state comes after a newer one.", "Hyperwallet"},
    {"story-21", "The same callback comes again, hours or days later.", "Standard Webhooks, ETG"},
    {"story-22", "A callback under a known id with other content; one about an unknown booking.",
     "Standard Webhooks"},
    {"story-23", "A signature: two of them, a cut one, an old one, a body written anew.",
     "Standard Webhooks"},
    {"story-24", "A storm of thin callbacks; what they make one fetch is answered out of order.",
     "OCTO notifications"},
    {"story-25", "A cancel overtakes the create, which is still running.", "TUI Musement PORTA"},
    {"story-26", "A compensation is refused: too late, unprocessable, or used already.", "OCTO"},
    {"story-27", "A compensation gets no answer; its repeat is told that it is cancelled already.",
     "Expedia"},
    {"story-28", "The partner cancels what was confirmed; that must be acknowledged in time.",
     "Viator"},
    {"story-29", "Pending for hours, then rejected.", "OCTO, Sabre"},
    {"story-30", "Holds that nobody finished are never released.", "Prioticket"},
    {"story-31",
     "Our core is killed between commit and sending, and between sending and writing "
     "down.",
     "Brandur Leach"},
    {"story-32", "Something in the middle sends a POST twice.", "RFC 9110 forbids it"},
    {"story-33", "A partner in trouble, and the retries of all that add up.", "AWS"},
    {"story-34", "Price or seats changed between the lost attempt and the retry.", "Expedia"},
    {"story-35", "A trip of several items: one confirmed, one unknown.", "saga"},
};
const size_t dbk_told_story_count = DBK_COUNT(dbk_told_stories);

const struct dbk_told_row dbk_told_incidents[] = {
    {"incident-dental", "A voice agent doubles four slots in one afternoon.",
     "account of a dental practice"},
    {"incident-litehq", "Uniqueness kept by the application: two inserts raced.",
     "litehq status, 2026-03-05"},
    {"incident-cal", "A concurrent confirm made two calendar events.", "cal.com issue 13397"},
    {"incident-mews-queue", "Some 12,000 messages lost or late after an outage of a queue.",
     "Mews, 2025-05-17"},
    {"incident-mews-poison", "One record that always fails, and every later one behind it.",
     "Mews, 2022-09-19"},
    {"incident-prioticket", "A job that releases capacity says done and does nothing.",
     "Prioticket, 2022-08-18"},
    {"incident-hyperwallet", "A message of 17:25 comes at 17:30 and overwrites that of 17:27.",
     "PayPal Hyperwallet connector issue 35"},
    {"incident-stripe-order", "Created arrives after updated; the status stays incomplete.",
     "stripe-cli issue 418, pay-rails PR 339, solidus_stripe issue 189"},
    {"incident-reapit", "Create, modify and cancel of one appointment out of order.",
     "Reapit foundations 5518, 9608"},
    {"incident-happy-travel", "A supplier's error leaves a booking pending for ever.",
     "Happy Travel issues 833, 33"},
    {"incident-tourmind", "An agent retries a create once; the contract knows no key.",
     "Tourmind issue 13"},
    {"incident-tripbuilder", "States that must be checked with the supplier before anything new.",
     "TripBuilder guide"},
};
const size_t dbk_told_incident_count = DBK_COUNT(dbk_told_incidents);

static bool has_tag(const struct dbk_scenario *scenario, const char *tag)
{
    for (size_t i = 0; i < scenario->tag_count; i++)
        if (dbk_same(scenario->tags[i], tag))
            return true;
    return false;
}

/* Adds one row; true if some scenario tells it. */
static bool add_row(const struct dbk_stories *stories, const struct dbk_told_row *row,
                    struct dbk_text *out)
{
    size_t count = 0;
    dbk_text_printf(out, "| %s | %s | %s | ", row->tag, row->sentence, row->after);
    for (size_t i = 0; i < stories->count; i++) {
        const struct dbk_scenario *scenario = stories->items[i].scenario;
        if (!has_tag(scenario, row->tag))
            continue;
        dbk_text_printf(out, "%s[%s](../%s)", count ? ", " : "", scenario->name, scenario->file);
        count++;
    }
    dbk_text_add(out, count ? " |\n" : "**missing** |\n");
    return count > 0;
}

static void add_table(const struct dbk_stories *stories, const struct dbk_told_row *rows,
                      size_t count, const char *head, struct dbk_text *out)
{
    size_t told = 0;
    dbk_text_printf(out, "\n## %s\n\n| tag | what happens | after | told by |\n|---|---|---|---|\n",
                    head);
    for (size_t i = 0; i < count; i++)
        told += add_row(stories, &rows[i], out) ? 1 : 0;
    dbk_text_printf(out, "\n%zu of %zu are told.\n", told, count);
}

void dbk_told_page(const struct dbk_stories *stories, struct dbk_text *out)
{
    dbk_text_add(out, "# Stories\n\n"
                      "What the library tells, and what it does not tell yet: the output of "
                      "`doublebook find --stories`\n"
                      "(`tests/runner/find_test.sh` compares). A scenario tells a row by having "
                      "its tag; `doublebook find two\n"
                      "reservations` finds scenarios by what was seen.\n");
    add_table(stories, dbk_told_stories, dbk_told_story_count, "Unknown outcomes", out);
    add_table(stories, dbk_told_incidents, dbk_told_incident_count, "Reported incidents", out);
}
