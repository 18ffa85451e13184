/* vocabulary: the closed lists of words that a scenario file may use, each from its own table.
 *
 * One place for the reader's check, the "expected one of" of a message and the schema's enum.
 * Next: vocabulary.c, format.h.
 */
#ifndef DBK_RUNNER_VOCABULARY_H
#define DBK_RUNNER_VOCABULARY_H

#include "base/yaml.h"

enum dbk_vocabulary {
    DBK_WORDS_STATUS,    /* of our bookings */
    DBK_WORDS_SYNC,      /* how our word and the partner's relate */
    DBK_WORDS_STATE,     /* of a partner's reservations */
    DBK_WORDS_OP,        /* of the exchange with a partner, or any */
    DBK_WORDS_REQUEST,   /* the same without any */
    DBK_WORDS_FORGERY,   /* of callbacks */
    DBK_WORDS_MOVE,      /* of the support desk */
    DBK_WORDS_INVARIANT, /* rows of `list invariants` */
    DBK_WORDS_BROKEN,    /* the same, and expect */
    DBK_WORDS_SITE,      /* rows of `list choices` */
    DBK_WORDS_SCREEN,    /* of support */
    DBK_WORDS_PROCESS,   /* of the core */
    DBK_WORDS_CORE_STEP, /* what a step may do to the core */
    DBK_WORDS_KIND,      /* of a scenario */
    DBK_WORDS_MAY,       /* what a search may let go wrong */
    DBK_WORDS_RUN_FAULT, /* what a run may deviate by */
    DBK_WORDS_FACT,      /* kinds of outside facts, and what their members may say */
    DBK_WORDS_FACT_OP,
    DBK_WORDS_FACT_STATE,
    DBK_WORDS_FACT_FAULT,
    DBK_WORDS_SURFACE,
    DBK_WORDS_FATE,
    DBK_WORDS_CLAIM, /* of a partner's */
    DBK_WORDS_COUNT
};

#define DBK_WORDS_MAX 128 /* more are dropped: messages name no more anyway */

/* Words to choose from; zero-initialise, names are borrowed. */
struct dbk_words {
    const char *names[DBK_WORDS_MAX];
    size_t count;
    bool are_ours; /* of our tables and library, not of the author's file */
};

void dbk_words_add(struct dbk_words *words, const char *name);
bool dbk_words_have(const struct dbk_words *words, const char *name);
/* Adds "a, b, c"; a long list ends with "...". */
void dbk_words_print(const struct dbk_words *words, struct dbk_text *out);

struct dbk_words dbk_vocabulary(enum dbk_vocabulary vocabulary);
const char *dbk_vocabulary_noun(enum dbk_vocabulary vocabulary); /* "invariant" */

/* How many bytes of a text a message shows: at most so many, never half a UTF-8 character. */
size_t dbk_shown_length(const char *text, size_t most);

/* Adds "unknown NOUN 'WRONG' (did you mean 'x'?); expected one of a, b, c". */
void dbk_words_unknown(const struct dbk_words *words, const char *noun, const char *wrong,
                       struct dbk_text *out);

/* The same as a complaint at a node, or at its key; it is of names where the words are ours. */
void dbk_words_complain(const struct dbk_words *words, const char *noun, const char *wrong,
                        const struct dbk_yaml *yaml, const cJSON *node,
                        struct dbk_complaints *complaints);
void dbk_words_complain_key(const struct dbk_words *words, const char *noun,
                            const struct dbk_yaml *yaml, const cJSON *node,
                            struct dbk_complaints *complaints);

#endif
