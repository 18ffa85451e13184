#include "base/digest.h"
#include "base/message.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

TestSuite(message, .timeout = 60);
TestSuite(path, .timeout = 60);

/* The whole message as one text; a body's NUL shows as "~". */
static void expect_message(const struct dbk_message *message, const char *wanted)
{
    struct dbk_text text = {0};

    dbk_text_printf(&text, "%s %s %d\n", message->method ? message->method : "-",
                    message->path ? message->path : "-", message->status);
    for (size_t i = 0; i < message->header_count; i++)
        dbk_text_printf(&text, "%s: %s\n", message->headers[i].name, message->headers[i].value);
    for (size_t i = 0; i < message->body_length; i++)
        dbk_text_add_char(&text, message->body[i] ? message->body[i] : '~');
    cr_expect_str_eq(text.bytes, wanted);
    cr_expect_eq(message->body[message->body_length], '\0');
    dbk_text_reset(&text);
}

Test(message, begins_with_no_header_and_an_empty_body)
{
    struct dbk_message *request = dbk_request_new("GET", "/bookings/1");
    struct dbk_message *response = dbk_response_new(404);

    expect_message(request, "GET /bookings/1 0\n");
    expect_message(response, "- - 404\n");
    dbk_message_free(request);
    dbk_message_free(response);
    dbk_message_free(NULL);
}

Test(message, takes_a_body_whole_and_another_in_its_place)
{
    struct dbk_message *request = dbk_request_new("POST", "/bookings");
    struct dbk_text body = {0};

    dbk_message_set_header(request, "Idempotency-Key", "\"k1\"");
    dbk_text_put(&body, "{\0}", 3);
    dbk_message_take_body(request, "application/json", &body);
    cr_assert_null(body.bytes);
    expect_message(request, "POST /bookings 0\nIdempotency-Key: \"k1\"\n"
                            "Content-Type: application/json\n{~}");
    dbk_message_take_body(request, "text/plain", &body);
    expect_message(request,
                   "POST /bookings 0\nIdempotency-Key: \"k1\"\nContent-Type: text/plain\n");
    dbk_message_free(request);
}

Test(message, replaces_a_header_of_the_same_name_in_any_case)
{
    struct dbk_message *response = dbk_response_new(429);

    dbk_message_set_header(response, "Retry-After", "1");
    dbk_message_set_header(response, "X", "");
    dbk_message_set_header(response, "RETRY-after", "2");
    expect_message(response, "- - 429\nRetry-After: 2\nX: \n");
    cr_expect_str_eq(dbk_message_header(response, "retry-after"), "2");
    cr_expect_null(dbk_message_header(response, "Retry"));
    dbk_message_free(response);
}

Test(message, keeps_no_more_headers_than_it_has_room_for)
{
    struct dbk_message *response = dbk_response_new(200);
    char name[16];

    for (int i = 0; i < DBK_MESSAGE_HEADERS_MAX + 3; i++) {
        snprintf(name, sizeof(name), "H%d", i);
        dbk_message_set_header(response, name, "first");
    }
    dbk_message_set_header(response, "H63", "second");
    cr_expect_eq(response->header_count, DBK_MESSAGE_HEADERS_MAX);
    cr_expect_str_eq(dbk_message_header(response, "H63"), "second");
    cr_expect_null(dbk_message_header(response, "H64"));
    dbk_message_free(response);
}

Test(path, is_matched_segment_by_segment)
{
    static const struct {
        const char *path, *pattern, *parts; /* parts with | behind each; NULL: no match */
    } rows[] = {
        {"/bookings", "/bookings", ""},
        {"/bookings?x=1", "/bookings", ""},
        {"/bookings/b-1", "/bookings/{}", "b-1|"},
        {"/bookings/b-1?x=/", "/bookings/{}", "b-1|"},
        {"/bookings/b-1/cancel", "/bookings/{}/cancel", "b-1|"},
        {"/a/1/b/2/c/3", "/a/{}/b/{}/c/{}", "1|2|3|"},
        {"/bookings/a%2Fb%20%c3%A9+", "/bookings/{}", "a/b \xc3\xa9+|"},
        {"/bookings", "/bookings/{}", NULL},
        {"/bookings/", "/bookings/{}", NULL},
        {"/bookings/", "/bookings", NULL},
        {"/bookings/1/2", "/bookings/{}", NULL},
        {"/bookings//cancel", "/bookings/{}/cancel", NULL},
        {"/booking", "/bookings", NULL},
        {"/bookings2", "/bookings", NULL},
        {"/Bookings", "/bookings", NULL},
        {"", "/bookings", NULL},
        {"?", "/", NULL},
        {"/bookings/%", "/bookings/{}", NULL},
        {"/bookings/%4", "/bookings/{}", NULL},
        {"/bookings/%4/1", "/bookings/{}/1", NULL},
        {"/bookings/%4g", "/bookings/{}", NULL},
        {"/bookings/%-1", "/bookings/{}", NULL},
        {"/bookings/a%00", "/bookings/{}", NULL},
    };

    for (size_t i = 0; i < DBK_COUNT(rows); i++) {
        char parts[3][DBK_PATH_PART] = {"", "", ""}, found[3 * DBK_PATH_PART + 3] = "";
        bool is_match = dbk_path_match(rows[i].path, rows[i].pattern, parts);

        for (size_t part = 0; part < 3 && *parts[part]; part++)
            strcat(strcat(found, parts[part]), "|");
        cr_expect_eq(is_match, rows[i].parts != NULL, "%s", rows[i].path);
        if (rows[i].parts)
            cr_expect_str_eq(found, rows[i].parts);
    }
}

Test(path, takes_a_segment_of_127_bytes_and_no_longer_one)
{
    char path[140] = "/", parts[3][DBK_PATH_PART];

    memset(path + 1, 'x', 127);
    cr_assert(dbk_path_match(path, "/{}", parts));
    cr_assert_str_eq(parts[0], path + 1);
    path[128] = 'x';
    cr_assert_not(dbk_path_match(path, "/{}", parts));
    strcpy(path + 126, "%41");
    cr_assert(dbk_path_match(path, "/{}", parts), "126 bytes, decoded");
}

Test(path, has_its_query_read)
{
    static const struct {
        const char *path, *name, *value; /* NULL: refused */
    } rows[] = {
        {"/r?reference=k-1", "reference", "k-1"},
        {"/r?a=1&reference=k%2F1&b=2", "reference", "k/1"},
        {"/r?a=1&b=2", "b", "2"},
        {"/r?a=", "a", ""},
        {"/r?a=1&a=2", "a", "1"},
        {"/r?a=b=c", "a", "b=c"},
        {"/r?q=1%2B1+2", "q", "1+1+2"},
        {"/r?a=1234567", "a", "1234567"},
        {"/r?a=12345678", "a", NULL}, /* 8 bytes of room hold 7 */
        {"/r", "a", NULL},
        {"/r?", "a", NULL},
        {"/r?ab=1", "a", NULL},
        {"/r?a", "a", NULL},
        {"/r?b=a=1", "a", NULL},
        {"/a=1", "a", NULL},
        {"/r?a=%", "a", NULL},
        {"/r?a=%2&b=1", "a", NULL},
        {"/r?a=%zz", "a", NULL},
        {"/r?a=%00", "a", NULL},
    };

    for (size_t i = 0; i < DBK_COUNT(rows); i++) {
        char value[8] = "";
        bool is_there = dbk_path_query(rows[i].path, rows[i].name, value, sizeof(value));

        cr_expect_eq(is_there, rows[i].value != NULL, "%s", rows[i].path);
        if (rows[i].value)
            cr_expect_str_eq(value, rows[i].value);
    }
}

Test(path, decodes_what_it_encoded)
{
    for (uint64_t number = 0; number < 2000; number++) {
        uint64_t length = 1 + dbk_draw_below(number, "path", "length", 0, 40);
        char text[48] = "", parts[3][DBK_PATH_PART], value[48];
        struct dbk_text path = {0};

        for (uint64_t i = 0; i < length; i++)
            text[i] = (char)(1 + dbk_draw_below(number, "path", "byte", i, 255));
        dbk_text_add(&path, "/");
        dbk_path_encode(&path, text);
        dbk_text_add(&path, "?v=");
        dbk_path_encode(&path, text);
        cr_assert(dbk_path_match(path.bytes, "/{}", parts), "%s", path.bytes);
        cr_assert_str_eq(parts[0], text);
        cr_assert(dbk_path_query(path.bytes, "v", value, sizeof(value)), "%s", path.bytes);
        cr_assert_str_eq(value, text);
        dbk_text_reset(&path);
    }
}

Test(message, is_copied_whole)
{
    struct dbk_message *request = dbk_request_new("POST", "/bookings?x=1");
    struct dbk_message *response = dbk_response_new(204);
    struct dbk_text body = {0};
    dbk_message_set_header(request, "Idempotency-Key", "k-1");
    dbk_text_put(&body, "a\0b", 3);
    dbk_message_take_body(request, "application/json", &body);
    dbk_message_set_header(response, "ETag", "4");

    struct dbk_message *copy = dbk_message_copy(request), *other = dbk_message_copy(response);
    dbk_message_free(request);
    dbk_message_free(response);
    cr_expect_str_eq(copy->method, "POST");
    cr_expect_str_eq(copy->path, "/bookings?x=1");
    cr_expect_str_eq(dbk_message_header(copy, "idempotency-key"), "k-1");
    cr_expect_str_eq(dbk_message_header(copy, "Content-Type"), "application/json");
    cr_expect_eq(copy->header_count, 2);
    cr_expect_eq(copy->body_length, 3);
    cr_expect_eq(memcmp(copy->body, "a\0b", 3), 0);
    cr_expect_null(other->method);
    cr_expect_eq(other->status, 204);
    cr_expect_eq(other->header_count, 1, "no body, so no type of one");
    cr_expect_str_eq(other->body, "");
    dbk_message_free(copy);
    dbk_message_free(other);
}
