#include "runner/cli.h"

#include "base/visible.h"
#include "runner/live.h"
#include "runner/stories.h"

#include <stdio.h>

/* No mistake, but worth knowing before a live run leaves it out. */
static void tell_live(const struct dbk_stories *stories)
{
    struct dbk_arena arena = {0};
    struct dbk_text text = {0};
    for (size_t i = 0; i < stories->count; i++) {
        struct dbk_live_plan plan = dbk_live_plan(stories->items[i].scenario, &arena);
        if (!plan.sim_only)
            continue;
        dbk_text_add_visible(&text, stories->items[i].path);
        dbk_text_printf(&text, ":%d:1: sim only: ", plan.finest_line ? plan.finest_line : 1);
        dbk_text_add_visible(&text, plan.sim_only);
        dbk_text_add_char(&text, '\n');
    }
    fputs(text.bytes ? text.bytes : "", stdout);
    dbk_text_reset(&text);
    dbk_arena_free(&arena);
}

static int lint(const struct dbk_cli *call)
{
    struct dbk_complaints complaints = {0};
    struct dbk_stories stories = {0};
    struct dbk_library library;
    char why[160];
    int code = 0;
    if (!dbk_library_find(&library, why))
        return dbk_cli_failed(call, "%s", why);
    dbk_stories_find(&stories, &library, call->argv + optind, (size_t)(call->argc - optind),
                     &complaints);
    dbk_stories_load(&stories, &library, &complaints);
    if (complaints.total > 0)
        code = dbk_cli_complain(&complaints);
    else {
        tell_live(&stories);
        printf("%zu %s, no mistakes\n", stories.count,
               stories.count == 1 ? "scenario" : "scenarios");
    }
    dbk_stories_reset(&stories);
    dbk_complaints_reset(&complaints);
    return code;
}

int dbk_lint_command(const struct dbk_cli *call)
{
    static const struct option options[] = {{"help", no_argument, NULL, 'h'}, {0}};
    int option = dbk_cli_option(call, options);
    if (option == 'h')
        return dbk_cli_help(call);
    if (option != -1)
        return DBK_EXIT_BAD_INPUT;
    if (optind == call->argc)
        return dbk_cli_misuse(call, "which scenarios? expected at least one file or folder");
    return lint(call);
}
