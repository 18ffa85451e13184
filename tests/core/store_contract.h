/* store_contract: what every implementation of the store port owes.
 *
 * Each check takes an empty store, and leaves it in any state. Next: store_contract.c; the stores
 * that are held to it stand in store_sqlite_test.c.
 */
#ifndef DBK_TESTS_CORE_STORE_CONTRACT_H
#define DBK_TESTS_CORE_STORE_CONTRACT_H

#include "core/store.h"

struct store_duty {
    const char *sentence;
    void (*check)(struct dbk_store *store);
};

extern const struct store_duty store_duties[];
extern const size_t store_duty_count;

/* A booking with its evidence and a job, as the API would store it. */
void store_put_some_booking(struct dbk_store *store, int64_t row);

#endif
