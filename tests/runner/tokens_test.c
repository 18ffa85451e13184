#include "runner/tokens.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

TestSuite(tokens, .timeout = 20);

#define TRAVELLER "traveller-0123456789"
#define SUPPORT "support-0123456789ab"
#define PARTNER "partner-0123456789ab"

/* Loads a file of this text and mode; what is wrong with it goes into said. */
static struct dbk_tokens *load(const char *text, size_t length, mode_t mode, char said[static 400])
{
    char path[] = "/tmp/dbk-tokens-XXXXXX";
    struct dbk_complaints complaints = {0};
    struct dbk_text printed = {0};
    int file = mkstemp(path);

    cr_assert_geq(file, 0);
    cr_assert_eq(write(file, text, length), (ssize_t)length);
    cr_assert_eq(fchmod(file, mode), 0);
    close(file);
    struct dbk_tokens *tokens = dbk_tokens_load(path, &complaints);
    unlink(path);
    dbk_complaints_print(&complaints, &printed);
    /* From behind the path, which is another each time. */
    snprintf(said, 400, "%s", printed.bytes ? printed.bytes + strlen(path) : "");
    dbk_text_reset(&printed);
    dbk_complaints_reset(&complaints);
    return tokens;
}

static int ask(const struct dbk_tokens *tokens, const char *header, const char *method,
               const char *path)
{
    struct dbk_message *request = dbk_request_new(method, path);

    if (header)
        dbk_message_set_header(request, "authorization", header);
    int verdict = dbk_tokens_judge(tokens, request);
    dbk_message_free(request);
    return verdict;
}

Test(tokens, let_each_role_ask_what_is_its_own)
{
    static const struct {
        const char *method, *path;
        int traveller, support, partner;
    } rows[] = {
        {"POST", "/bookings", 0, 403, 403},
        {"GET", "/bookings", 403, 403, 403},
        {"GET", "/bookings/bk-1", 0, 0, 403},
        {"GET", "/bookings/bk-1?a=b", 0, 0, 403},
        {"DELETE", "/bookings/bk-1", 403, 403, 403},
        {"POST", "/bookings/bk-1/cancel", 0, 0, 403},
        {"GET", "/support/bookings", 403, 0, 403},
        {"GET", "/support/bookings/bk-1", 403, 0, 403},
        {"GET", "/bookings/../support/bookings", 403, 403, 403},
        {"POST", "/callbacks/lagoon", 403, 403, 0},
        {"GET", "/health", 0, 0, 0},
        {"GET", "/metrics", 403, 0, 403},
        {"GET", "/nothing", 403, 403, 403},
    };
    static const char text[] =
        "traveller " TRAVELLER "\r\n# a remark\n\nsupport\t" SUPPORT " \npartner " PARTNER;
    char said[400];
    struct dbk_tokens *tokens = load(text, strlen(text), 0640, said);

    cr_assert_str_eq(said, "");
    for (size_t i = 0; i < DBK_COUNT(rows); i++) {
        const char *method = rows[i].method, *path = rows[i].path;
        cr_expect_eq(ask(tokens, NULL, method, path), 401, "%s %s", method, path);
        cr_expect_eq(ask(tokens, "Bearer " TRAVELLER, method, path), rows[i].traveller,
                     "%s %s as traveller", method, path);
        cr_expect_eq(ask(tokens, "bearer  " SUPPORT, method, path), rows[i].support,
                     "%s %s as support", method, path);
        cr_expect_eq(ask(tokens, "BEARER " PARTNER, method, path), rows[i].partner,
                     "%s %s as partner", method, path);
    }
    dbk_tokens_free(tokens);
}

Test(tokens, know_none_but_the_whole_token)
{
    static const char *const strangers[] = {
        "",
        "Bearer",
        "Bearer ",
        "Bearer traveller-012345678",
        "Bearer traveller-01234567890",
        "Bearer traveller-0123456788",
        "Bearer Traveller-0123456789",
        "Bearer traveller",
        "Basic " TRAVELLER,
        TRAVELLER,
        "Bearer " TRAVELLER " " TRAVELLER,
    };
    static const char text[] = "traveller " TRAVELLER "\n";
    char said[400];
    struct dbk_tokens *tokens = load(text, strlen(text), 0600, said);

    for (size_t i = 0; i < DBK_COUNT(strangers); i++)
        cr_expect_eq(ask(tokens, strangers[i], "GET", "/health"), 401, "'%s'", strangers[i]);
    cr_expect_eq(ask(tokens, "Bearer " TRAVELLER, "GET", "/health"), 0);
    dbk_tokens_free(tokens);
}

Test(tokens, tell_what_is_wrong_with_the_file_and_no_token)
{
    static const struct {
        const char *text;
        mode_t mode;
        const char *said;
    } rows[] = {
        {"traveller " TRAVELLER, 0604,
         ": everybody may read or write the file; expected chmod o= (0600 is best)\n"},
        {"traveller " TRAVELLER, 0602,
         ": everybody may read or write the file; expected chmod o= (0600 is best)\n"},
        {"", 0600, ": there is no token; expected lines \"role token\"\n"},
        {"# traveller " TRAVELLER, 0600, ": there is no token; expected lines \"role token\"\n"},
        {"traveller\ntravel " TRAVELLER "\nsupport fifteen-letters", 0600,
         ":1:1: expected a token of 16 to 256 letters, digits and -._~+/= behind the role\n"},
        {"support " SUPPORT " more", 0600,
         ":1:1: expected a token of 16 to 256 letters, digits and -._~+/= behind the role\n"},
        {"support sixteen-letters!", 0600,
         ":1:1: expected a token of 16 to 256 letters, digits and -._~+/= behind the role\n"},
        {"travel " TRAVELLER, 0600,
         ":1:1: expected a line to begin with traveller, support or partner\n"},
        {"travellers " TRAVELLER, 0600,
         ":1:1: expected a line to begin with traveller, support or partner\n"},
    };
    char said[400];

    for (size_t i = 0; i < DBK_COUNT(rows); i++) {
        cr_expect_null(load(rows[i].text, strlen(rows[i].text), rows[i].mode, said));
        cr_expect_eq(strncmp(said, rows[i].said, strlen(rows[i].said)), 0, "%zu: %s", i, said);
    }
    cr_expect_null(load("traveller " TRAVELLER "\0", strlen(TRAVELLER) + 11, 0600, said));
    cr_expect_str_eq(said, ": the file is no text; expected lines \"role token\"\n");
    char *large = dbk_alloc(64 * 1024 + 1);
    memset(large, '#', 64 * 1024 + 1);
    cr_expect_null(load(large, 64 * 1024 + 1, 0600, said));
    cr_expect_str_eq(said, ": expected a plain file of at most 64 KiB\n");
    free(large);
}
