/* catalogue: what a partner sells, as a partner keeps it and as the core was told.
 *
 * Plain records, borrowed by whoever is configured with them. Next: core/core.h and
 * fake-partners/partner.h.
 */
#ifndef DBK_BASE_CATALOGUE_H
#define DBK_BASE_CATALOGUE_H

#include <stddef.h>
#include <stdint.h>

struct dbk_slot {
    const char *id;
    int64_t starts_ms; /* epoch ms */
    int64_t capacity;  /* units; the partner's business, the core does not rely on it */
};

struct dbk_product {
    const char *id;
    int64_t price; /* minor units, per unit */
    const char *currency;
    int64_t cutoff_ms; /* so long before its start a slot can no longer be booked, nor cancelled for
                          its money; 0: until it starts */
    const struct dbk_slot *slots;
    size_t slot_count;
};

#endif
