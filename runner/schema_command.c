#include "runner/cli.h"
#include "runner/scenario.h"
#include "runner/search/goal.h"
#include "runner/system.h"
#include "runner/vocabulary.h"

#include <stdio.h>
#include <string.h>

int dbk_schema_command(const struct dbk_cli *call)
{
    static const struct option options[] = {{"help", no_argument, NULL, 'h'}, {0}};
    static const struct {
        const char *name;
        void (*put)(struct dbk_text *out);
    } schemas[] = {{"scenario", dbk_schema_scenario},
                   {"system", dbk_schema_system},
                   {"goal", dbk_schema_goal}};
    struct dbk_words words = {.count = 0};
    struct dbk_text text = {0};
    int option = dbk_cli_option(call, options), code = 0;
    if (option == 'h')
        return dbk_cli_help(call);
    if (option != -1)
        return DBK_EXIT_BAD_INPUT;
    if (dbk_cli_no_more(call, optind + 1))
        return DBK_EXIT_BAD_INPUT;
    const char *of = optind < call->argc ? call->argv[optind] : "";
    for (size_t i = 0; i < DBK_COUNT(schemas); i++) {
        dbk_words_add(&words, schemas[i].name);
        if (strcmp(of, schemas[i].name) == 0)
            schemas[i].put(&text);
    }
    if (text.length > 0) {
        fputs(text.bytes, stdout);
    } else {
        dbk_words_unknown(&words, "schema", of, &text);
        code = dbk_cli_misuse(call, "%s", text.bytes);
    }
    dbk_text_reset(&text);
    return code;
}
