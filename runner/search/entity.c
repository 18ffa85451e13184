#include "runner/search/entity.h"

#include <stdio.h>
#include <string.h>

static bool is_name(const char *name, const char *text, size_t length)
{
    return strlen(name) == length && strncmp(name, text, length) == 0;
}

static bool find_partner(const struct dbk_scenario *scenario, const char *text, size_t length,
                         struct dbk_entity *entity)
{
    size_t i = 0;
    while (i < scenario->partner_count && !is_name(scenario->partners[i].name, text, length))
        i++;
    entity->partner_index = i;
    entity->partner = i < scenario->partner_count ? &scenario->partners[i] : NULL;
    return entity->partner;
}

static bool find_op(const char *text, size_t length, struct dbk_entity *entity)
{
    enum dbk_op op = DBK_OP_CREATE;
    while (op < DBK_OPS && !is_name(dbk_op_name(op), text, length))
        op++;
    entity->op = op;
    return op < DBK_OPS;
}

static bool read_number(const char *text, size_t length, int64_t *number)
{
    char digits[24];
    if (length >= sizeof digits)
        return false;
    snprintf(digits, sizeof digits, "%.*s", (int)length, text);
    return dbk_parse_integer(digits, number) && *number >= 1;
}

bool dbk_entity_read(const struct dbk_scenario *scenario, const char *text,
                     struct dbk_entity *entity)
{
    static const char mark[] = "/callback#";
    const char *callback = strstr(text, mark);
    size_t length = callback ? (size_t)(callback - text) : strlen(text);
    size_t partner = strcspn(text, "/"), number = length, op = length;
    while (number > 0 && text[number - 1] != '#')
        number--;
    op = number;
    while (op > 0 && text[op - 1] != '/')
        op--;
    *entity = (struct dbk_entity){.length = length};
    if (partner >= length || op <= partner || number <= op)
        return false;
    if (op > partner + 1) {
        entity->intent = text + partner + 1;
        entity->intent_length = op - partner - 2;
    }
    return find_partner(scenario, text, partner, entity) &&
           find_op(text + op, number - op - 1, entity) &&
           read_number(text + number, length - number, &entity->attempt) &&
           (!callback || read_number(callback + strlen(mark), strlen(callback + strlen(mark)),
                                     &entity->callback));
}
