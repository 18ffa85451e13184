/* partner: one fake partner, a machine with a ledger, a dialect, a profile and a script.
 *
 * It keeps its profile except where its script says otherwise, and says at its own end what it
 * saw and did (facts SAW, EFFECT, ANSWER by way of the answer's `about`, CALLBACK, FAULT). Where it
 * breaks a claim of its profile, however it came to that, a FAULT names the claim: what a partner
 * owes must not look like a mistake of the core. It knows base and nothing of the core. Time and
 * chance are arguments.
 *
 * Whose wish a request serves it reads from the guest's name: the word "dbk.INTENT.TOKEN" in
 * "Ana dbk.trip.x7k2" says "trip". A cancel or get is of its reservation's intent, a look-up by
 * reference of that reference's; a list by date has none. Exchanges are called by that lineage:
 * "lagoon/trip/create#1", and "lagoon/look-up#1" where there is no intent.
 *
 * What it does by itself, without a script: a reservation that was booked as pending becomes
 * confirmed DBK_PARTNER_SETTLES_AFTER_MS after its commit, with a callback if the profile promises
 * full ones. A rule for that create which has a `later` or names the answer's state has the say
 * instead, and then nothing happens that it does not tell.
 *
 * Where no rule acts, the chooser is asked for a fault of the exchange (DBK_SITE_EXCHANGE_FAULT),
 * and where none says what becomes of a callback that the partner sends by itself, for that
 * (DBK_SITE_CALLBACK_FAULT); script.h says what the choices mean.
 *
 * Next: fault.h (the vocabulary), script.h, ledger.h, direct.h (the dialect), partner.c.
 */
#ifndef DBK_FAKE_PARTNERS_PARTNER_H
#define DBK_FAKE_PARTNERS_PARTNER_H

#include "base/catalogue.h"
#include "base/machine.h"
#include "base/profile.h"
#include "fake-partners/script.h"

#define DBK_PARTNER_SETTLES_AFTER_MS 2000
#define DBK_PARTNER_CALLBACK_TIMEOUT_MS 10000

/* Everything is borrowed and must outlive the partner. */
struct dbk_partner_config {
    const char *name;
    struct dbk_profile profile; /* what it promises */
    const struct dbk_product *products;
    size_t product_count;
    const struct dbk_rule *rules; /* in the order of the scenario; the first that matches acts */
    size_t rule_count;
    const char *callback_to;   /* party that gets its callbacks: "core" */
    const char *callback_path; /* "/callbacks/lagoon" */
    const char *secret;        /* signs or marks its callbacks; NULL: needed by none */
    const char *old_secret;    /* the one before; NULL: there was none */
    uint64_t seed;             /* reservation and event ids derive from it */
    int64_t clock_off_ms;      /* its clock is ahead of true time by this, so that it can tell */
};

/* Gives a machine (machine.ops->free). Its state survives DBK_EVENT_STARTED; forget empties it. */
struct dbk_machine dbk_partner_machine(const struct dbk_partner_config *config);

/* Makes it ready for another run under another config, keeping memory; cheaper than a new one. */
void dbk_partner_renew(struct dbk_machine *machine, const struct dbk_partner_config *config);

#endif
