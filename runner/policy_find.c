#include "runner/library.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LIKES_MAX 8 /* a policy that is like one that is like ...: also ends circles */

/* Where a policy is named: at a node of a policy file, or on the command line (yaml is NULL). */
struct place {
    const struct dbk_yaml *yaml;
    const cJSON *node;
};

static bool find(const struct dbk_library *library, const char *word, const struct place *place,
                 int deep, struct dbk_policy *policy, struct dbk_complaints *complaints);

static void complain(const struct place *place, struct dbk_complaints *complaints, const char *text)
{
    if (place->yaml)
        dbk_yaml_complain(place->yaml, place->node, complaints, "%s", text);
    else
        dbk_complain(complaints, "--policy", 0, 0, "%s", text);
}

static void complain_unknown(const struct dbk_library *library, const char *name,
                             const struct place *place, struct dbk_complaints *complaints)
{
    struct dbk_arena arena = {0};
    struct dbk_words names = dbk_library_names(library, DBK_POLICY_FOLDER, &arena);
    struct dbk_text text = {0};
    size_t before = complaints->total;
    if (!dbk_words_have(&names, "reference"))
        dbk_words_add(&names, "reference");
    dbk_words_unknown(&names, "policy", name, &text);
    dbk_text_add(&text, ", or a file");
    complain(place, complaints, text.bytes);
    dbk_complaints_of_names(complaints, before);
    dbk_text_reset(&text);
    dbk_arena_free(&arena);
}

static void read_keys(const struct dbk_yaml *yaml, struct dbk_complaints *complaints)
{
    static const char *const keys[] = {"format", "policy", "summary", "like", "set"};
    struct dbk_words words = {.count = 0};
    for (size_t i = 0; i < DBK_COUNT(keys); i++)
        dbk_words_add(&words, keys[i]);
    for (const cJSON *entry = dbk_yaml_root(yaml)->child; entry; entry = entry->next) {
        int64_t format;
        if (!entry->string || !dbk_words_have(&words, entry->string))
            dbk_words_complain_key(&words, "key", yaml, entry, complaints);
        else if (strcmp(entry->string, "format") == 0 &&
                 !(dbk_json_node_integer(entry, &format) && format == 1))
            dbk_yaml_complain(yaml, entry, complaints, "expected format: 1");
        else if (strcmp(entry->string, "set") == 0 && !cJSON_IsObject(entry))
            dbk_yaml_complain(yaml, entry, complaints, "set: expected a mapping of rules");
        else if (strcmp(entry->string, "format") != 0 && strcmp(entry->string, "set") != 0 &&
                 !cJSON_IsString(entry))
            dbk_yaml_complain(yaml, entry, complaints, "%s: expected a text", entry->string);
    }
}

static void read_policy(const struct dbk_library *library, const struct dbk_yaml *yaml, int deep,
                        struct dbk_policy *policy, struct dbk_complaints *complaints)
{
    const cJSON *root = dbk_yaml_root(yaml);
    if (!cJSON_IsObject(root)) {
        dbk_complain(complaints, dbk_yaml_file(yaml), 1, 1,
                     "expected a policy: a mapping with format, policy, like and set");
        return;
    }
    read_keys(yaml, complaints);
    const char *like = dbk_json_text(root, "like");
    const char *name = dbk_json_text(root, "policy");
    const cJSON *set = dbk_json_get(root, "set");
    if (!dbk_json_get(root, "format"))
        dbk_yaml_complain(yaml, root, complaints, "the policy lacks the key 'format'; expected 1");
    if (!name || !like)
        dbk_yaml_complain(yaml, root, complaints,
                          "the policy lacks the key '%s'; expected policy: "
                          "its name, like: the policy it starts from",
                          name ? "like" : "policy");
    const struct place place = {yaml, dbk_json_get(root, "like")};
    if (like)
        (void)find(library, like, &place, deep + 1, policy, complaints); /* complains */
    if (cJSON_IsObject(set))
        dbk_policy_set(policy, yaml, set, complaints);
    snprintf(policy->name, sizeof policy->name, "%s", name ? name : "");
}

/* A name of the library, else a file: beside the one that names it, or where one stands. */
static bool find_path(const struct dbk_library *library, const char *word,
                      const struct place *place, char path[static 4608])
{
    const char *from = place->yaml ? dbk_yaml_file(place->yaml) : "";
    const char *slash = strrchr(from, '/');
    dbk_library_path(library, DBK_POLICY_FOLDER, word, path);
    if (!strchr(word, '/') && access(path, F_OK) == 0)
        return true;
    if (slash && word[0] != '/')
        snprintf(path, 4608, "%.*s/%.500s", (int)(slash - from), from, word);
    else
        snprintf(path, 4608, "%s", word);
    return strchr(word, '/') || access(path, F_OK) == 0;
}

/* Whoever wrote the file that names it must not make us wait for a terminal or a pipe. */
static bool is_no_file(const struct place *place, const char *path)
{
    struct stat facts;
    return place->yaml && stat(path, &facts) == 0 && !S_ISREG(facts.st_mode);
}

static bool find(const struct dbk_library *library, const char *word, const struct place *place,
                 int deep, struct dbk_policy *policy, struct dbk_complaints *complaints)
{
    char path[4608];
    size_t before = complaints->total;
    *policy = dbk_policy_reference();
    if (strcmp(word, "reference") == 0)
        return true;
    if (deep >= LIKES_MAX) {
        complain(place, complaints,
                 "like: goes in a circle, or on and on; expected a policy that ends in reference");
        return false;
    }
    bool is_named = find_path(library, word, place, path);
    if (!is_named || (place->yaml && access(path, F_OK) != 0)) {
        complain_unknown(library, word, place, complaints);
        return false;
    }
    if (is_no_file(place, path)) {
        complain(place, complaints, "this policy is no file; expected a name or a file");
        return false;
    }
    struct dbk_yaml *yaml = dbk_yaml_load(path, complaints);
    if (yaml)
        read_policy(library, yaml, deep, policy, complaints);
    dbk_yaml_free(yaml);
    return complaints->total == before;
}

bool dbk_policy_find(const struct dbk_library *library, const char *name_or_file,
                     struct dbk_policy *policy, struct dbk_complaints *complaints)
{
    const struct place command_line = {0};
    return find(library, name_or_file, &command_line, 0, policy, complaints);
}

bool dbk_policy_find_beside(const struct dbk_library *library, const struct dbk_yaml *yaml,
                            const cJSON *word, struct dbk_policy *policy,
                            struct dbk_complaints *complaints)
{
    const struct place here = {yaml, word};
    return find(library, word->valuestring, &here, 0, policy, complaints);
}
