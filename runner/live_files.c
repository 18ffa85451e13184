#include "runner/live_files.h"

#include "base/json.h"

#include <ftw.h>
#include <stdio.h>
#include <string.h>

#define TAIL_MAX 4096 /* bytes looked at of the end of a log */

static void write_sells(const struct dbk_scenario_partner *partner, struct dbk_text *out)
{
    dbk_json_key(out, "sells");
    dbk_json_open(out, '{');
    for (size_t i = 0; i < partner->product_count; i++) {
        const struct dbk_product *product = &partner->products[i];
        dbk_json_key(out, product->id);
        dbk_json_open(out, '{');
        dbk_json_pair_integer(out, "price", product->price);
        dbk_json_pair_text(out, "currency", product->currency);
        if (product->cutoff_ms > 0) {
            char cutoff[DBK_DURATION_TEXT];
            dbk_duration_print(product->cutoff_ms, cutoff);
            dbk_json_pair_text(out, "cutoff", cutoff);
        }
        dbk_json_key(out, "slots");
        dbk_json_open(out, '{');
        for (size_t k = 0; k < product->slot_count; k++) {
            char starts[DBK_INSTANT_TEXT];
            dbk_instant_print(product->slots[k].starts_ms, starts);
            dbk_json_key(out, product->slots[k].id);
            dbk_json_open(out, '{');
            dbk_json_pair_text(out, "starts", starts);
            dbk_json_pair_integer(out, "capacity", product->slots[k].capacity);
            dbk_json_close(out, '}');
        }
        dbk_json_close(out, '}');
        dbk_json_close(out, '}');
    }
    dbk_json_close(out, '}');
}

/* Only for a partner whose callbacks need one. */
static void write_secrets(const struct dbk_scenario_partner *partner, struct dbk_text *out)
{
    if (partner->believes.callback_signature == DBK_SIGNATURE_NONE)
        return;
    dbk_json_key(out, "callbacks");
    dbk_json_open(out, '{');
    dbk_json_key(out, "secrets");
    dbk_json_open(out, '[');
    for (size_t i = 0; i < partner->secret_count; i++)
        dbk_json_put_text(out, partner->secrets[i]);
    dbk_json_close(out, ']');
    dbk_json_close(out, '}');
}

/* The profile file it came from: "ref-not-unique, changed" is like ref-not-unique. */
static const char *base_of(const struct dbk_profile *profile, char base[static DBK_PROFILE_NAME])
{
    size_t length = strcspn(profile->name, ",");
    memcpy(base, profile->name, length);
    base[length] = '\0';
    return base;
}

void dbk_live_partners_file(const struct dbk_scenario *scenario, const char *const *addresses,
                            struct dbk_text *out)
{
    dbk_json_open(out, '{');
    dbk_json_pair_integer(out, "format", 1);
    dbk_json_key(out, "partners");
    dbk_json_open(out, '{');
    for (size_t i = 0; i < scenario->partner_count; i++) {
        const struct dbk_scenario_partner *partner = &scenario->partners[i];
        char base[DBK_PROFILE_NAME];
        dbk_json_key(out, partner->name);
        dbk_json_open(out, '{');
        dbk_json_pair_text(out, "address", addresses[i]);
        write_secrets(partner, out);
        dbk_json_key(out, "profile");
        dbk_json_open(out, '{');
        dbk_json_pair_text(out, "like", base_of(&partner->believes, base));
        dbk_profile_write_whole(&partner->believes, out);
        dbk_json_close(out, '}');
        write_sells(partner, out);
        dbk_json_close(out, '}');
    }
    dbk_json_close(out, '}');
    dbk_json_close(out, '}');
}

void dbk_live_policy_file(const struct dbk_policy *policy, struct dbk_text *out)
{
    dbk_json_open(out, '{');
    dbk_json_pair_integer(out, "format", 1);
    dbk_json_pair_text(out, "policy", "played");
    dbk_json_pair_text(out, "like", "reference");
    dbk_json_key(out, "set");
    dbk_json_open(out, '{');
    for (size_t i = 0; i < DBK_RULES; i++)
        if (policy->rules[i])
            dbk_json_pair_text(out, dbk_rules[i].name, dbk_rules[i].values[policy->rules[i]]);
    for (size_t i = 0; i < DBK_SETTINGS; i++) {
        char duration[DBK_DURATION_TEXT];
        dbk_duration_print(policy->settings_ms[i], duration);
        dbk_json_pair_text(out, dbk_settings[i].name, duration);
    }
    dbk_json_close(out, '}');
    dbk_json_close(out, '}');
}

/* The end of a file, NUL-terminated; gives how long it is. */
static size_t read_tail(const char *path, char tail[static TAIL_MAX + 1])
{
    FILE *file = fopen(path, "re");
    size_t length = 0;
    if (file) {
        if (fseek(file, -TAIL_MAX, SEEK_END) != 0)
            rewind(file); /* it is shorter than that */
        length = fread(tail, 1, TAIL_MAX, file);
        fclose(file);
    }
    tail[length] = '\0';
    return length;
}

void dbk_live_last_line(const char *path, char *line, size_t size)
{
    char tail[TAIL_MAX + 1];
    size_t length = read_tail(path, tail), used = 0;
    while (length && (tail[length - 1] == '\n' || tail[length - 1] == '\r'))
        tail[--length] = '\0';
    const char *newline = strrchr(tail, '\n');
    const char *at = newline ? newline + 1 : tail;
    for (size_t skipped = 0; skipped < 3 && (*at & 0xc0) == 0x80; skipped++)
        at++; /* the rest of a character that was cut in two */
    if (dbk_is_utf8(at, strlen(at)))
        for (size_t next;
             (next = dbk_utf8_length(at + used, strlen(at + used))) > 0 && used + next < size;)
            used += next;
    memcpy(line, at, used);
    line[used] = '\0';
}

bool dbk_live_says_in_use(const char *path)
{
    char tail[TAIL_MAX + 1];
    read_tail(path, tail);
    return strstr(tail, "ddress already in use") || strstr(tail, "EADDRINUSE");
}

static int remove_one(const char *path, const struct stat *facts, int kind, struct FTW *where)
{
    (void)facts, (void)kind, (void)where;
    return remove(path);
}

void dbk_live_remove(const char *folder)
{
    nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}
