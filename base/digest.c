#include "base/digest.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

struct dbk_digest dbk_digest_of(const void *bytes, size_t length)
{
    struct dbk_digest digest;

    /* Once is enough, and more does no harm: it finds the fastest code for this machine. Every
     * digest and draw is the same without it. */
    if (sodium_init() < 0)
        abort();
    crypto_generichash(digest.bytes, sizeof(digest.bytes), bytes, length, NULL, 0);
    return digest;
}

struct dbk_digest dbk_digest_link(const struct dbk_digest *before, const void *bytes, size_t length)
{
    crypto_generichash_state state;
    struct dbk_digest digest;

    crypto_generichash_init(&state, NULL, 0, sizeof(digest.bytes));
    crypto_generichash_update(&state, before->bytes, sizeof(before->bytes));
    crypto_generichash_update(&state, bytes, length);
    crypto_generichash_final(&state, digest.bytes, sizeof(digest.bytes));
    return digest;
}

void dbk_digest_hex(const struct dbk_digest *digest, char hex[static DBK_DIGEST_HEX])
{
    for (size_t i = 0; i < DBK_DIGEST_BYTES; i++) {
        hex[2 * i] = "0123456789abcdef"[digest->bytes[i] >> 4];
        hex[2 * i + 1] = "0123456789abcdef"[digest->bytes[i] & 15];
    }
    hex[2 * DBK_DIGEST_BYTES] = '\0';
}

/* Byte by byte, so that the order does not depend on the machine. */
static void put_little_endian(unsigned char bytes[static 8], uint64_t value)
{
    for (int i = 0; i < 8; i++)
        bytes[i] = (unsigned char)(value >> (8 * i));
}

static uint64_t draw(uint64_t seed, uint64_t retry, const char *site, const char *entity,
                     uint64_t nth)
{
    unsigned char key[crypto_shorthash_KEYBYTES], hash[crypto_shorthash_BYTES], few[256];
    size_t site_size = strlen(site) + 1, entity_size = strlen(entity) + 1;
    size_t length = site_size + entity_size + 8;
    unsigned char *message = length <= sizeof(few) ? few : dbk_alloc(length);
    uint64_t value = 0;

    put_little_endian(key, seed);
    put_little_endian(key + 8, retry);
    memcpy(message, site, site_size);
    memcpy(message + site_size, entity, entity_size);
    put_little_endian(message + site_size + entity_size, nth);
    crypto_shorthash(hash, message, length, key);
    if (message != few)
        free(message);
    for (int i = 0; i < 8; i++)
        value |= (uint64_t)hash[i] << (8 * i);
    return value;
}

uint64_t dbk_draw(uint64_t seed, const char *site, const char *entity, uint64_t nth)
{
    return draw(seed, 0, site, entity, nth);
}

uint64_t dbk_draw_below(uint64_t seed, const char *site, const char *entity, uint64_t nth,
                        uint64_t bound)
{
    uint64_t unfair = (0 - bound) % bound; /* 2^64 mod bound */
    uint64_t retry = 0, value;

    do
        value = draw(seed, retry++, site, entity, nth);
    while (value < unfair);
    return value % bound;
}

#define NAME_PART 12 /* characters of 5 bits out of one draw of 64 */

void dbk_draw_name(uint64_t seed, const char *site, uint64_t row, size_t length, char *name)
{
    uint64_t bits = 0;

    assert(length <= 48);
    for (size_t i = 0; i < length; i++) {
        char part[2] = {(char)('0' + i / NAME_PART), '\0'};

        bits = i % NAME_PART == 0 ? dbk_draw(seed, site, part, row) : bits >> 5;
        name[i] = "abcdefghijklmnopqrstuvwxyz234567"[bits & 31];
    }
    name[length] = '\0';
}
