/* some_evidence: evidence, profiles and policies drawn by number, for properties.
 *
 * The same case number gives the same draw everywhere. Next: know_test.c, decide_test.c.
 */
#ifndef DBK_TESTS_CORE_SOME_EVIDENCE_H
#define DBK_TESTS_CORE_SOME_EVIDENCE_H

#include "core/know.h"
#include "core/policy.h"

#define SOME_EVIDENCE_MAX 16

struct some_case {
    uint64_t number;
    uint64_t draws;
    struct dbk_evidence evidence[2 * SOME_EVIDENCE_MAX];
    size_t count;
    struct dbk_profile profile;
    struct dbk_policy policy;
};

/* Evidence as a booking might have it: requests, what came of them, callbacks, wishes. Numbers run
 * from 1; some times are equal. The policy draws every rule. */
void some_case_draw(struct some_case *some, uint64_t number);

uint64_t some_draw(struct some_case *some, uint64_t bound);

#endif
