#include "runner/partners_file.h"

#include "runner/scenario_loader.h"

#include <stdlib.h>
#include <string.h>

#define ADDRESS_MAX 200

static bool is_address(const char *text)
{
    static const char *const schemes[] = {"http://", "https://"};
    size_t length = strlen(text);
    for (size_t i = 0; i < DBK_COUNT(schemes); i++) {
        size_t scheme = strlen(schemes[i]);
        if (dbk_starts_with(text, schemes[i]))
            return length > scheme && length <= ADDRESS_MAX && text[length - 1] != '/' &&
                   strcspn(text, " \t\r\n@?#\\") == length;
    }
    return false;
}

static void load_addresses(const struct dbk_loader *loader, struct dbk_partners_file *file)
{
    const cJSON *node = dbk_json_get(loader->root, "partners")->child;
    for (size_t i = 0; i < file->count; i++, node = node->next) {
        const char *address = dbk_loader_text(loader, node, "address");
        file->addresses[i] = address;
        if (address && !is_address(address))
            dbk_yaml_complain(loader->yaml, dbk_json_get(node, "address"), loader->complaints,
                              "address cannot be '%.40s'; expected http://HOST:PORT, without a "
                              "slash at the end",
                              address);
    }
}

static void load(struct dbk_loader *loader, struct dbk_partners_file *file)
{
    struct dbk_scenario *scenario = loader->scenario;
    dbk_load_partners(loader);
    file->count = scenario->partner_count;
    file->partners = dbk_arena_alloc(&scenario->arena, (file->count + 1) * sizeof *file->partners);
    file->addresses =
        dbk_arena_alloc(&scenario->arena, (file->count + 1) * sizeof *file->addresses);
    for (size_t i = 0; i < file->count; i++) {
        const struct dbk_scenario_partner *partner = &scenario->partners[i];
        file->partners[i] = (struct dbk_core_partner){.name = partner->name,
                                                      .profile = partner->profile,
                                                      .products = partner->products,
                                                      .product_count = partner->product_count,
                                                      .secrets = partner->secrets,
                                                      .secret_count = partner->secret_count};
    }
    if (file->count > 0)
        load_addresses(loader, file);
}

struct dbk_partners_file *dbk_partners_file_load(const struct dbk_library *library,
                                                 const char *path, int64_t zero_ms,
                                                 struct dbk_complaints *complaints)
{
    size_t before = complaints->total;
    struct dbk_yaml *yaml = dbk_yaml_load(path, complaints);
    if (!yaml)
        return NULL;
    struct dbk_partners_file *file = dbk_alloc(sizeof *file);
    file->scenario = dbk_alloc(sizeof *file->scenario);
    file->scenario->zero_ms = zero_ms;
    struct dbk_loader loader = {library, yaml, dbk_yaml_root(yaml), complaints, file->scenario};
    if (dbk_format_check(&dbk_format_partners, yaml, complaints) && cJSON_IsObject(loader.root))
        load(&loader, file);
    dbk_yaml_free(yaml);
    if (complaints->total == before)
        return file;
    dbk_partners_file_free(file);
    return NULL;
}

void dbk_partners_file_free(struct dbk_partners_file *file)
{
    if (!file)
        return;
    dbk_scenario_free(file->scenario);
    free(file);
}
