/* message: one HTTP request or response, the same on both stages.
 *
 * Method, path, headers and body bytes; never a struct of the sender, or the connectors would
 * go untested. Header names compare without case (RFC 9110, 5.1). Next: message.c, machine.h.
 */
#ifndef DBK_BASE_MESSAGE_H
#define DBK_BASE_MESSAGE_H

#include "base/text.h"

#define DBK_MESSAGE_HEADERS_MAX 64

struct dbk_header {
    char *name, *value; /* owned by the message */
};

struct dbk_message {
    char *method;               /* owned; NULL in a response */
    char *path;                 /* owned; with query; NULL in a response */
    int status;                 /* 0 in a request */
    struct dbk_header *headers; /* owned; NULL: none */
    size_t header_count, header_capacity;
    char *body; /* owned; NUL-terminated; "" where there is none, never NULL */
    size_t body_length;
};

/* Give a message with an empty body (dbk_message_free). */
struct dbk_message *dbk_request_new(const char *method, const char *path);
struct dbk_message *dbk_response_new(int status);

/* Sets a header; replaces one of the same name. At most DBK_MESSAGE_HEADERS_MAX are kept. */
void dbk_message_set_header(struct dbk_message *message, const char *name, const char *value);
const char *dbk_message_header(const struct dbk_message *message, const char *name); /* or NULL */

/* Takes the text's bytes as the body and leaves the text empty; sets Content-Type to type. */
void dbk_message_take_body(struct dbk_message *message, const char *type, struct dbk_text *body);

struct dbk_message *dbk_message_copy(const struct dbk_message *message); /* dbk_message_free */
void dbk_message_free(struct dbk_message *message);                      /* NULL is fine */

/* Copies the value of a query parameter, percent-decoded, into value (size bytes).
 * False where it is absent, malformed, or does not fit. */
DBK_CHECKED bool dbk_path_query(const char *path, const char *name, char *value, size_t size);

/* True if the path without its query matches a pattern such as "/bookings/{}/cancel"; each {}
 * takes one segment, percent-decoded, at most 127 bytes, into parts in order. At most 3. */
#define DBK_PATH_PART 128
DBK_CHECKED bool dbk_path_match(const char *path, const char *pattern,
                                char parts[static 3][DBK_PATH_PART]);

/* Adds text percent-encoded for a path segment or query value. */
void dbk_path_encode(struct dbk_text *out, const char *text);

#endif
