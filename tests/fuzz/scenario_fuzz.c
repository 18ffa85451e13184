/* Any bytes as a scenario: read, complained about or not, freed. With -DDBK_FUZZ=ON libFuzzer
 * drives it; otherwise it replays the files it is given, so that a found input stays a test:
 *
 *   fuzz_scenario tests/fuzz/corpus/scenario/... */
#include "runner/scenario.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct dbk_library library;
    struct dbk_complaints complaints = {0};
    struct dbk_text text = {0};
    snprintf(library.root, sizeof library.root, "%s", DBK_SOURCE_DIR);
    struct dbk_scenario *scenario =
        dbk_scenario_parse(&library, (const char *)bytes, length, "fuzz.yaml", &complaints);
    dbk_complaints_print(&complaints, &text);
    if ((scenario == NULL) != (complaints.total > 0))
        abort(); /* a scenario and complaints, or neither */
    dbk_scenario_free(scenario);
    dbk_complaints_reset(&complaints);
    dbk_text_reset(&text);
    return 0;
}

#ifndef DBK_LIBFUZZER
int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        char *bytes = NULL, why[160];
        size_t length = 0;
        if (!dbk_read_file(argv[i], (size_t)64 << 20, &bytes, &length, why)) {
            fprintf(stderr, "%s %s\n", argv[i], why);
            return 1;
        }
        LLVMFuzzerTestOneInput((const uint8_t *)bytes, length);
        free(bytes);
    }
    return 0;
}
#endif
