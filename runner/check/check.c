#include "runner/check/checks.h"

#include <stdio.h>
#include <string.h>

const struct dbk_invariant dbk_invariants[] = {
    {"single-reservation", false,
     "An intent never has more than one live reservation, all its partners together.",
     "an attempt in doubt, a second create or a second reservation", "effect",
     dbk_check_single_reservation},
    {"no-phantom-confirm", false,
     "Nobody is told \"confirmed\" - page, message or support - before a partner confirmed.",
     "a confirm shown", "read with status; effect", dbk_check_no_phantom_confirm},
    {"no-status-regression", false,
     "What is read of a booking moves only along the table of statuses, across observers, screens "
     "and restarts.",
     "two ordered reads around late or older news", "read with status",
     dbk_check_no_status_regression},
    {"one-truth", false,
     "Every surface says the same for one version of a booking, and all reads together go forward.",
     "two surfaces that read one booking", "read with status, version and surface",
     dbk_check_one_truth},
    {"idempotent-api", false,
     "The same key and body give the same booking; another body is refused without effect.",
     "a key that is used twice", "asked with key; read with http and text",
     dbk_check_idempotent_api},
    {"durable-ack", false, "What was acknowledged is still there after a crash or a loss of power.",
     "a process that goes down after an acknowledgement, and a read after that",
     "read with op and http; process", dbk_check_durable_ack},
    {"doubt-is-respected", false, "No new create leaves while an attempt is in doubt.",
     "an attempt in doubt", "saw; answer with fate", dbk_check_doubt_is_respected},
    {"charge-once", false,
     "The price that was agreed is charged once, when the booking is confirmed and not before; "
     "what "
     "was charged for one that is over is given back, unless the traveller cancelled too late.",
     "a create that is in doubt or sent again, or an end after a charge",
     "read with status, amount and price", dbk_check_charge_once},
    {"callback-once", false,
     "A copy of a callback changes no status and causes no create or cancel.",
     "a copy that was delivered", "callback; read or saw", dbk_check_callback_once},
    {"callback-authentic", false,
     "A callback that somebody forged, or played back, changes no status and causes no create or "
     "cancel, where the partner promises that it can be told.",
     "a forgery that was delivered", "callback; read or saw; the partner's profile",
     dbk_check_callback_authentic},
    {"partner-rules", false,
     "A partner is asked nothing before it wants to be asked again, and no confirm leaves for a "
     "hold that is over.",
     "an answer that says when to ask again, a hold that ended",
     "saw; answer with retry_ms; effect", dbk_check_partner_rules},
    {"operator-only-when-needed", false,
     "Nothing is handed to a person while profile and evidence allow a safe step by machine.",
     "an attempt in doubt", "saw; answer with fate; read with sync; the partner's profile",
     dbk_check_operator_only_when_needed},
    {"store-intact", false, "The store is whole whenever it is checked.",
     "a check of the store after a restart", "store; process", dbk_check_store_intact},
    {"settles", true, "In the end every booking is confirmed, final, or with an operator.",
     "a fault", "end; read with status", dbk_check_settles},
    {"agrees-with-partner", true,
     "In the end what is shown is what the partners hold, or an operator has it; no reservation is "
     "left over.",
     "a doubt, a reservation that changes by itself, or a broken promise",
     "end; read with status; effect", dbk_check_agrees_with_partner},
    {"rests", true, "In the end no work is left that would go on by itself.", "any run that ends",
     "end", dbk_check_rests},
};
const size_t dbk_invariant_count = DBK_COUNT(dbk_invariants);

const struct dbk_invariant *dbk_invariant_by_name(const char *id)
{
    for (size_t i = 0; i < dbk_invariant_count; i++) {
        if (dbk_same(dbk_invariants[i].id, id)) {
            return &dbk_invariants[i];
        }
    }
    return NULL;
}

/* Room for one more; the list doubles in the arena whenever its length is a power of two. */
static struct dbk_violation *add_violation(struct dbk_outcome *outcome)
{
    size_t count = outcome->violation_count;

    if ((count & (count - 1)) == 0) { /* 0, 1, 2, 4, 8 ... */
        struct dbk_violation *room =
            dbk_arena_alloc(&outcome->arena, (count == 0 ? 1 : 2 * count) * sizeof(*room));
        if (count > 0) {
            memcpy(room, outcome->violations, count * sizeof(*room));
        }
        outcome->violations = room;
    }
    return &outcome->violations[outcome->violation_count++];
}

/* Keeps numbers in ascending order, each once. */
static void add_evidence(struct dbk_violation *violation, size_t number)
{
    size_t at = violation->evidence_count;

    while (at > 0 && violation->evidence[at - 1] > number) {
        at--;
    }
    if ((at > 0 && violation->evidence[at - 1] == number) ||
        violation->evidence_count == DBK_COUNT(violation->evidence)) {
        return;
    }
    memmove(&violation->evidence[at + 1], &violation->evidence[at],
            (violation->evidence_count - at) * sizeof(*violation->evidence));
    violation->evidence[at] = number;
    violation->evidence_count++;
}

struct dbk_violation *dbk_finding_violated(struct dbk_finding *finding, const char *booking,
                                           int64_t at_ms, const size_t *evidence,
                                           const char *format, ...)
{
    struct dbk_arena *arena = &finding->outcome->arena;
    struct dbk_violation *violation = add_violation(finding->outcome);
    va_list arguments, again;

    *violation = (struct dbk_violation){
        .invariant = finding->invariant->id,
        .rule = finding->invariant->rule,
        .booking = dbk_arena_text(arena, booking),
        .at_ms = at_ms,
        .owed_by = "core",
    };
    for (size_t i = 0; evidence[i] != 0; i++) {
        add_evidence(violation, evidence[i]);
    }
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    char *detail = dbk_arena_alloc(arena, (size_t)length + 1);
    vsnprintf(detail, (size_t)length + 1, format, again);
    va_end(again);
    va_end(arguments);
    violation->detail = detail;
    return violation;
}

void dbk_outcome_broke(struct dbk_outcome *outcome, const char *partner, int length,
                       const char *claim)
{
    const char *broken = dbk_arena_printf(&outcome->arena, "%.*s: %s", length, partner, claim);
    bool is_new = outcome->partner_broke_count < DBK_COUNT(outcome->partner_broke);

    for (size_t i = 0; i < outcome->partner_broke_count; i++) {
        is_new = is_new && !dbk_same(outcome->partner_broke[i], broken);
    }
    if (is_new) {
        outcome->partner_broke[outcome->partner_broke_count++] = broken;
    }
}
