/* Any bytes as a history: read, complained about or judged, freed. Judged twice it says the same.
 * With -DDBK_FUZZ=ON libFuzzer drives it. */
#include "runner/judge.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static struct dbk_outcome *judged(const struct dbk_history *history)
{
    struct dbk_outcome *outcome = dbk_outcome_new();
    dbk_judge(history, "replay", outcome);
    return outcome;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct dbk_history history;
    struct dbk_complaints complaints = {0};
    dbk_history_init(&history);
    if (dbk_history_read(&history, (const char *)bytes, length, "fuzz.jsonl", &complaints)) {
        struct dbk_outcome *one = judged(&history), *other = judged(&history);
        if (one->verdict != other->verdict || one->violation_count != other->violation_count)
            abort(); /* a verdict is a function of the file */
        dbk_outcome_free(one);
        dbk_outcome_free(other);
    } else if (complaints.total == 0) {
        abort(); /* refused without a word */
    }
    dbk_complaints_reset(&complaints);
    dbk_history_reset(&history);
    return 0;
}
