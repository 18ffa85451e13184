#include "base/message.h"

#include <stdlib.h>
#include <string.h>

#define HEADERS_FIRST 4 /* places; doubled when they do not do */

struct dbk_message *dbk_request_new(const char *method, const char *path)
{
    struct dbk_message *message = dbk_alloc(sizeof(*message));

    message->method = dbk_copy_text(method);
    message->path = dbk_copy_text(path);
    message->body = dbk_copy_text("");
    return message;
}

struct dbk_message *dbk_response_new(int status)
{
    struct dbk_message *message = dbk_alloc(sizeof(*message));

    message->status = status;
    message->body = dbk_copy_text("");
    return message;
}

/* The index of the header, or the count of headers. */
static size_t header_at(const struct dbk_message *message, const char *name)
{
    size_t at = 0;

    while (at < message->header_count && !dbk_same_but_case(message->headers[at].name, name))
        at++;
    return at;
}

void dbk_message_set_header(struct dbk_message *message, const char *name, const char *value)
{
    size_t at = header_at(message, name);
    struct dbk_header *header;

    if (at == DBK_MESSAGE_HEADERS_MAX)
        return;
    if (at == message->header_capacity) {
        message->header_capacity = at ? at * 2 : HEADERS_FIRST;
        message->headers =
            dbk_resize(message->headers, message->header_capacity * sizeof(*message->headers));
    }
    header = &message->headers[at];
    if (at == message->header_count) {
        message->header_count++;
        header->name = dbk_copy_text(name);
    } else {
        free(header->value);
    }
    header->value = dbk_copy_text(value);
}

const char *dbk_message_header(const struct dbk_message *message, const char *name)
{
    size_t at = header_at(message, name);

    return at < message->header_count ? message->headers[at].value : NULL;
}

void dbk_message_take_body(struct dbk_message *message, const char *type, struct dbk_text *body)
{
    free(message->body);
    message->body_length = body->length;
    message->body = dbk_text_take(body);
    dbk_message_set_header(message, "Content-Type", type);
}

struct dbk_message *dbk_message_copy(const struct dbk_message *message)
{
    struct dbk_message *copy = message->method ? dbk_request_new(message->method, message->path)
                                               : dbk_response_new(message->status);
    struct dbk_text body = {0};
    if (message->body_length > 0) {
        dbk_text_put(&body, message->body, message->body_length);
        dbk_message_take_body(copy, "", &body);
    }
    for (size_t i = 0; i < message->header_count; i++) /* the body's type among them */
        dbk_message_set_header(copy, message->headers[i].name, message->headers[i].value);
    return copy;
}

void dbk_message_free(struct dbk_message *message)
{
    if (!message)
        return;
    for (size_t i = 0; i < message->header_count; i++) {
        free(message->headers[i].name);
        free(message->headers[i].value);
    }
    free(message->headers);
    free(message->method);
    free(message->path);
    free(message->body);
    free(message);
}

/* The value of a hexadecimal digit, or -1. */
static int hex_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F')
        return digit - 'A' + 10;
    return -1;
}

/* Percent-decodes length bytes; false if malformed, if a NUL comes out, or if it does not fit. */
static bool decode(const char *from, size_t length, char *to, size_t size)
{
    size_t used = 0;

    for (size_t i = 0; i < length; i++) {
        char byte = from[i];

        if (byte == '%') {
            int high = i + 2 < length ? hex_value(from[i + 1]) : -1;
            int low = i + 2 < length ? hex_value(from[i + 2]) : -1;

            if (high < 0 || low < 0 || high + low == 0)
                return false;
            byte = (char)(16 * high + low);
            i += 2;
        }
        if (used + 1 >= size)
            return false;
        to[used++] = byte;
    }
    to[used] = '\0';
    return true;
}

bool dbk_path_query(const char *path, const char *name, char *value, size_t size)
{
    size_t name_length = strlen(name);
    const char *at = strchr(path, '?');

    while (at) {
        size_t length;

        at++;
        length = strcspn(at, "&");
        if (length > name_length && strncmp(at, name, name_length) == 0 && at[name_length] == '=')
            return decode(at + name_length + 1, length - name_length - 1, value, size);
        at = strchr(at, '&');
    }
    return false;
}

bool dbk_path_match(const char *path, const char *pattern, char parts[static 3][DBK_PATH_PART])
{
    size_t part = 0;

    while (*pattern) {
        if (pattern[0] != '{' || pattern[1] != '}') {
            if (*path == '?' || *path++ != *pattern++)
                return false;
            continue;
        }
        size_t length = strcspn(path, "/?");
        if (part == 3 || length == 0 || !decode(path, length, parts[part++], DBK_PATH_PART))
            return false;
        path += length;
        pattern += 2;
    }
    return *path == '\0' || *path == '?';
}

static bool is_unreserved(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '-' || byte == '.' || byte == '_' || byte == '~';
}

void dbk_path_encode(struct dbk_text *out, const char *text)
{
    for (; *text; text++) {
        unsigned char byte = (unsigned char)*text;

        if (is_unreserved(*text)) {
            dbk_text_add_char(out, *text);
            continue;
        }
        dbk_text_add_char(out, '%');
        dbk_text_add_char(out, "0123456789ABCDEF"[byte >> 4]);
        dbk_text_add_char(out, "0123456789ABCDEF"[byte & 15]);
    }
}
