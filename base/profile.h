/* profile: what a partner promises, as knobs people read, copy and change.
 *
 * The core believes one, a fake partner keeps one, checkers judge by one; so it stands in
 * base. One table of knobs feeds the reader, `list profiles` and the schema; each knob is a
 * claim: a sentence and the observation that would break it. Profile files stand in
 * fake-partners/profiles/. Next: profile.c.
 *
 * The envelope: a create sent at t commits before t + commit_within or never; what is committed
 * is shown by look-ups that are sent visible_within later or later still. So absence is proven only
 * by a look-up *sent* no earlier than sent_at + commit_within + visible_within. A create that
 * leaves a hold has made nothing that lasts: it is over, unless confirmed, hold_max after its
 * commit.
 */
#ifndef DBK_BASE_PROFILE_H
#define DBK_BASE_PROFILE_H

#include "base/yaml.h"

enum dbk_dedupe { DBK_DEDUPE_NONE, DBK_DEDUPE_REFERENCE };
enum dbk_repeat { DBK_REPEAT_NEW, DBK_REPEAT_SAME, DBK_REPEAT_CONFLICT };
enum dbk_look_up { DBK_LOOK_UP_NONE, DBK_LOOK_UP_REFERENCE, DBK_LOOK_UP_LIST_BY_DATE };
enum dbk_callback_kind { DBK_CALLBACK_NONE, DBK_CALLBACK_FULL, DBK_CALLBACK_THIN };
enum dbk_callback_signature {
    DBK_SIGNATURE_NONE,
    DBK_SIGNATURE_TOKEN,   /* a constant, in the header DBK_CALLBACK_TOKEN */
    DBK_SIGNATURE_STANDARD /* base/webhook.h */
};
#define DBK_CALLBACK_TOKEN "X-Callback-Token"
enum dbk_callback_retry { DBK_RETRY_NONE, DBK_RETRY_MINUTES, DBK_RETRY_DAYS };
enum dbk_callback_order { DBK_ORDER_NONE, DBK_ORDER_COUNTER }; /* callback.version */
enum dbk_callback_id { DBK_CALLBACK_ID_NONE, DBK_CALLBACK_ID_EVENT };
enum dbk_event_time { DBK_EVENT_TIME_NONE, DBK_EVENT_TIME_SECONDS };
enum dbk_books_as { DBK_BOOKS_CONFIRMED, DBK_BOOKS_PENDING, DBK_BOOKS_ON_HOLD };
enum dbk_confirms_as { DBK_CONFIRMS_CONFIRMED, DBK_CONFIRMS_PENDING };
enum dbk_repeat_confirm { DBK_REPEAT_CONFIRM_SAME, DBK_REPEAT_CONFIRM_CONFLICT };
enum dbk_extend { DBK_EXTEND_NONE, DBK_EXTEND_OFFERED };
enum dbk_slow_down { DBK_SLOW_DOWN_SECONDS, DBK_SLOW_DOWN_DATE, DBK_SLOW_DOWN_BODY };
enum dbk_server_error { DBK_ERROR_IS_UNKNOWN, DBK_ERROR_IS_NOT_BOOKED, DBK_ERROR_IS_TOLD };

#define DBK_PROFILE_NAME 48

struct dbk_profile {
    char name[DBK_PROFILE_NAME]; /* "ref-not-unique"; with changes: "ref-not-unique, changed" */
    int64_t dedupe;   /* enum dbk_dedupe; all enums as int64_t, so one table can set them */
    int64_t repeat;   /* enum dbk_repeat */
    int64_t look_up;  /* enum dbk_look_up */
    int64_t books_as; /* enum dbk_books_as */
    int64_t confirms_as, repeat_confirm, extend; /* of holds: the enums of these names */
    int64_t key_lasts_ms;                        /* from the first commit under it */
    int64_t slow_down;                           /* enum dbk_slow_down */
    int64_t server_error;                        /* enum dbk_server_error */
    int64_t callback_kind, callback_signature, callback_version, callback_id, callback_event_time;
    int64_t callback_retry;       /* the pauses stand in dbk_callback_pause_ms */
    int64_t hold_ms, hold_max_ms; /* where it books on hold; both from the create's commit */
    int64_t commit_within_ms, visible_within_ms, max_skew_ms, doubt_limit_ms, compensate_within_ms;
};

enum dbk_knob_type {
    DBK_KNOB_ENUM,
    DBK_KNOB_DURATION,
    DBK_KNOB_CLAIM /* no knob: a promise that every profile makes; no key, no values, no offset */
};

struct dbk_knob {
    const char *group; /* NULL, or the mapping it stands in: "callback" */
    const char *key;   /* "commit_within"; NULL: a claim without knob */
    enum dbk_knob_type type;
    size_t offset;             /* of the int64_t in struct dbk_profile */
    const char *const *values; /* ENUM: names by value, NULL-terminated */
    const char *claim;         /* id: "commits-within" */
    const char *sentence;      /* what is promised */
    const char *broken_when;   /* the observation that would break it */
};

extern const struct dbk_knob dbk_knobs[];
extern const size_t dbk_knob_count;

/* The cautious default of every knob: nothing promised that is not said. */
struct dbk_profile dbk_profile_default(void);

/* Reads the members of a mapping node over *profile (members "format", "profile", "like",
 * "summary", "source" are the caller's and passed over). Complains, with place, about anything
 * unknown. */
void dbk_profile_read(struct dbk_profile *profile, const struct dbk_yaml *yaml, const cJSON *node,
                      struct dbk_complaints *complaints);

/* Writes the knobs that are not as the default has them as members of an open JSON object. */
void dbk_profile_write(const struct dbk_profile *profile, struct dbk_text *out);

/* The same with every knob: for readers that know no defaults, or other ones. */
void dbk_profile_write_whole(const struct dbk_profile *profile, struct dbk_text *out);

/* Reads them back, leaving what is missing or strange as it was. Gives the claim of the first knob
 * whose value was strange, or NULL. */
const char *dbk_profile_read_json(struct dbk_profile *profile, const cJSON *node);

/* How long a partner waits after the nth delivery (from 1) that nobody took before the next;
 * DBK_PROFILE_NO_RETRY: there is none. */
#define DBK_PROFILE_NO_RETRY (-1)
int64_t dbk_callback_pause_ms(const struct dbk_profile *profile, int64_t nth);

/* For how long after the first delivery a partner may deliver the same callback once more. */
int64_t dbk_callback_retries_for_ms(const struct dbk_profile *profile);

/* The name of an enum knob's value in this profile: "list-by-date"; NULL for other knobs. */
const char *dbk_profile_value_name(const struct dbk_profile *profile, const struct dbk_knob *knob);

#endif
