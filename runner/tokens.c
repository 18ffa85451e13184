#include "runner/tokens.h"

#include "base/digest.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX (64 * 1024)
#define TOKENS_MAX 100
#define TOKEN_MIN 16
#define TOKEN_MAX 256

enum role { TRAVELLER, SUPPORT, PARTNER, ROLES };

static const char *const role_names[ROLES] = {"traveller", "support", "partner"};

/* What a role may ask. No row: nobody may. */
static const struct {
    const char *method, *path;
    bool may[ROLES];
} rights[] = {
    {"POST", "/bookings", {[TRAVELLER] = true}},
    {"GET", "/bookings/{}", {[TRAVELLER] = true, [SUPPORT] = true}},
    {"GET", "/bookings/{}/messages", {[TRAVELLER] = true, [SUPPORT] = true}},
    {"POST", "/quotes", {[TRAVELLER] = true}},
    {"POST", "/bookings/{}/cancel", {[TRAVELLER] = true, [SUPPORT] = true}},
    {"POST", "/bookings/{}/confirm", {[TRAVELLER] = true}},
    {"POST", "/bookings/{}/extend", {[TRAVELLER] = true}},
    {"POST", "/bookings/{}/leave", {[TRAVELLER] = true}},
    {"GET", "/support/bookings", {[SUPPORT] = true}},
    {"GET", "/support/bookings/{}", {[SUPPORT] = true}},
    {"POST", "/support/bookings/{}/moves", {[SUPPORT] = true}},
    {"POST", "/callbacks/{}", {[PARTNER] = true}},
    {"GET", "/health", {[TRAVELLER] = true, [SUPPORT] = true, [PARTNER] = true}},
    {"GET", "/metrics", {[SUPPORT] = true}},
};

struct dbk_tokens {
    size_t count;
    struct {
        enum role role;
        struct dbk_digest digest;
    } items[TOKENS_MAX];
};

/* Reading. */

static bool is_token(const char *text, size_t length)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                  "-._~+/=";
    return length >= TOKEN_MIN && length <= TOKEN_MAX && strspn(text, allowed) >= length;
}

/* Gives what is wrong with the line, or NULL. */
static const char *read_line(struct dbk_tokens *tokens, const char *line)
{
    size_t word = strcspn(line, " \t");
    const char *token = line + word + strspn(line + word, " \t");
    size_t length = strcspn(token, " \t"), role = 0;
    while (role < ROLES && (strncmp(role_names[role], line, word) != 0 || role_names[role][word]))
        role++;
    if (role == ROLES)
        return "expected a line to begin with traveller, support or partner";
    if (!is_token(token, length) || token[length + strspn(token + length, " \t")] != '\0')
        return "expected a token of 16 to 256 letters, digits and -._~+/= behind the role";
    if (tokens->count == TOKENS_MAX)
        return "there are too many tokens; expected at most 100";
    tokens->items[tokens->count].role = (enum role)role;
    tokens->items[tokens->count++].digest = dbk_digest_of(token, length);
    return NULL;
}

static void read_lines(struct dbk_tokens *tokens, char *text, const char *path,
                       struct dbk_complaints *complaints)
{
    char *rest = text;
    for (int number = 1; rest; number++) {
        char *line = strsep(&rest, "\n");
        line[strcspn(line, "\r")] = '\0';
        const char *wrong = line[0] == '\0' || line[0] == '#' ? NULL : read_line(tokens, line);
        if (wrong)
            dbk_complain(complaints, path, number, 1, "%s", wrong);
    }
}

/* Opened once, so that what is judged is what is read. Gives -1 with a complaint. */
static int open_private(const char *path, struct dbk_complaints *complaints)
{
    struct stat facts;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    const char *wrong = NULL;
    if (file < 0 || fstat(file, &facts) != 0)
        wrong = "the file cannot be read; expected lines \"role token\"";
    else if (!S_ISREG(facts.st_mode) || facts.st_size > FILE_MAX)
        wrong = "expected a plain file of at most 64 KiB";
    else if (facts.st_mode & (S_IROTH | S_IWOTH))
        wrong = "everybody may read or write the file; expected chmod o= (0600 is best)";
    if (!wrong)
        return file;
    dbk_complain(complaints, path, 0, 0, "%s", wrong);
    if (file >= 0)
        close(file);
    return -1;
}

struct dbk_tokens *dbk_tokens_load(const char *path, struct dbk_complaints *complaints)
{
    size_t before = complaints->total;
    int file = open_private(path, complaints);
    if (file < 0)
        return NULL;
    char *text = dbk_alloc(FILE_MAX + 1);
    struct dbk_tokens *tokens = dbk_alloc(sizeof *tokens);
    ssize_t length = read(file, text, FILE_MAX);
    close(file);
    if (length < 0 || strlen(text) != (size_t)length)
        dbk_complain(complaints, path, 0, 0, "the file is no text; expected lines \"role token\"");
    else
        read_lines(tokens, text, path, complaints);
    sodium_memzero(text, FILE_MAX);
    free(text);
    if (complaints->total == before && tokens->count == 0)
        dbk_complain(complaints, path, 0, 0, "there is no token; expected lines \"role token\"");
    if (complaints->total == before)
        return tokens;
    dbk_tokens_free(tokens);
    return NULL;
}

void dbk_tokens_free(struct dbk_tokens *tokens)
{
    free(tokens);
}

/* Judging. */

/* All are compared, whichever fits. ROLES: none. */
static enum role role_of(const struct dbk_tokens *tokens, const char *token)
{
    struct dbk_digest digest = dbk_digest_of(token, strlen(token));
    enum role role = ROLES;
    for (size_t i = 0; i < tokens->count; i++)
        if (sodium_memcmp(&digest, &tokens->items[i].digest, sizeof digest) == 0)
            role = tokens->items[i].role;
    return role;
}

int dbk_tokens_judge(const struct dbk_tokens *tokens, const struct dbk_message *request)
{
    static const char scheme[] = "Bearer ";
    const size_t length = sizeof scheme - 1;
    const char *header = dbk_message_header(request, "Authorization");
    char parts[3][DBK_PATH_PART];
    enum role role = ROLES;
    if (header && strncasecmp(header, scheme, length) == 0)
        role = role_of(tokens, header + length + strspn(header + length, " "));
    if (role == ROLES)
        return 401;
    for (size_t i = 0; i < DBK_COUNT(rights); i++)
        if (rights[i].may[role] && dbk_same(request->method, rights[i].method) &&
            dbk_path_match(request->path, rights[i].path, parts))
            return 0;
    return 403;
}
