#include "runner/cli.h"
#include "runner/core_http.h"
#include "runner/library.h"
#include "runner/partners_file.h"

#include "core/store_sqlite.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define ZERO_MS 1767614400000LL /* 2026-01-05T12:00:00Z, as scenarios have it */
#define SCALE_MAX 1000
#define DRAIN_MAX_MS (10 * 60 * 1000)

enum { BROKEN = 1 }; /* exit code of --check, beside those of cli.h */

struct program {
    const struct dbk_cli *call;
    const char *db, *listen, *partners_path, *tokens_path, *policy_word;
    int64_t seed, origin_ns, scale, zero_ms, drain_ms; /* seed, zero: DBK_ABSENT where not said */
    bool is_check, dies_with_parent;
    struct dbk_policy policy;
    struct dbk_partners_file *partners;
    struct dbk_tokens *tokens;
    struct dbk_store *store;
    struct dbk_core *core;
    struct dbk_host *host;
    struct dbk_core_http http;
    int signals;
};

/* ---- the call ---- */

static const struct option options[] = {
    {"db", required_argument, NULL, 'd'},       {"listen", required_argument, NULL, 'l'},
    {"partners", required_argument, NULL, 'p'}, {"policy", required_argument, NULL, 'y'},
    {"tokens", required_argument, NULL, 't'},   {"drain", required_argument, NULL, 'w'},
    {"check", no_argument, NULL, 'c'},          {"die-with-parent", no_argument, NULL, 'k'},
    {"seed", required_argument, NULL, 's'},     {"origin", required_argument, NULL, 'o'},
    {"scale", required_argument, NULL, 'x'},    {"zero", required_argument, NULL, 'z'},
    {"help", no_argument, NULL, 'h'},           {0}};

static const struct {
    int option;
    size_t offset;
    int64_t least, most;
} numbers[] = {
    {'s', offsetof(struct program, seed), 0, INT64_MAX},
    {'o', offsetof(struct program, origin_ns), 1, INT64_MAX},
    {'x', offsetof(struct program, scale), 1, SCALE_MAX},
    {'z', offsetof(struct program, zero_ms), 0, 253402300799999},
};

static const struct {
    int option;
    size_t offset;
} texts[] = {
    {'d', offsetof(struct program, db)},
    {'l', offsetof(struct program, listen)},
    {'p', offsetof(struct program, partners_path)},
    {'y', offsetof(struct program, policy_word)},
    {'t', offsetof(struct program, tokens_path)},
};

static const char *name_of(int option)
{
    const struct option *row = options;
    while (row->val != option)
        row++;
    return row->name;
}

/* Gives 0 or an exit code. */
static int take_value(struct program *program, int option)
{
    for (size_t i = 0; i < DBK_COUNT(texts); i++)
        if (texts[i].option == option)
            *(const char **)((char *)program + texts[i].offset) = optarg;
    for (size_t i = 0; i < DBK_COUNT(numbers); i++) {
        int64_t *number = (int64_t *)((char *)program + numbers[i].offset);
        if (numbers[i].option == option &&
            (!dbk_parse_integer(optarg, number) || *number < numbers[i].least ||
             *number > numbers[i].most))
            return dbk_cli_misuse(
                program->call, "--%s cannot be '%.40s'; expected a whole number from %lld to %lld",
                name_of(option), optarg, (long long)numbers[i].least, (long long)numbers[i].most);
    }
    if (option == 'w' && (!dbk_duration_parse(optarg, &program->drain_ms) ||
                          program->drain_ms < 0 || program->drain_ms > DRAIN_MAX_MS))
        return dbk_cli_misuse(program->call,
                              "--drain cannot be '%.40s'; expected a duration up to 10m", optarg);
    program->is_check = program->is_check || option == 'c';
    program->dies_with_parent = program->dies_with_parent || option == 'k';
    return 0;
}

static int read_options(struct program *program, bool *wants_help)
{
    int option, code = 0;
    while (code == 0 && (option = dbk_cli_option(program->call, options)) != -1) {
        if (option == '?')
            return DBK_EXIT_BAD_INPUT;
        *wants_help = *wants_help || option == 'h';
        code = take_value(program, option);
    }
    if (code != 0 || *wants_help)
        return code;
    if (optind < program->call->argc)
        return dbk_cli_misuse(program->call, "what is '%.60s'? expected options only",
                              program->call->argv[optind]);
    if (!program->db)
        return dbk_cli_misuse(program->call, "--db is missing; expected the file of bookings");
    if (!program->is_check && !program->partners_path)
        return dbk_cli_misuse(program->call,
                              "--partners is missing; expected the file of partners");
    if (program->scale > 1 && program->zero_ms == DBK_ABSENT)
        return dbk_cli_misuse(program->call,
                              "--scale %lld without --zero; expected both: what is due stands in "
                              "the database as a date, and the real clock runs at its own speed",
                              (long long)program->scale);
    return 0;
}

/* "127.0.0.1:8080". Reached by this machine alone, or by bearers of tokens. */
static int judge_address(const struct program *program)
{
    const char *colon = strrchr(program->listen, ':');
    char host[INET_ADDRSTRLEN] = "";
    struct in_addr address = {0};
    int64_t port = -1;
    if (colon && (size_t)(colon - program->listen) < sizeof host)
        memcpy(host, program->listen, (size_t)(colon - program->listen));
    if (inet_pton(AF_INET, host, &address) != 1 || !dbk_parse_integer(colon + 1, &port) ||
        port < 0 || port > UINT16_MAX)
        return dbk_cli_misuse(program->call,
                              "--listen cannot be '%.60s'; expected an IPv4 address and a port, "
                              "such as 127.0.0.1:8080",
                              program->listen);
    if (ntohl(address.s_addr) >> 24 != 127 && !program->tokens_path)
        return dbk_cli_misuse(
            program->call,
            "--listen %.60s is open to other machines; expected --tokens with it, "
            "or a loopback address",
            program->listen);
    return 0;
}

/* ---- what it works with ---- */

static int load(struct program *program)
{
    struct dbk_complaints complaints = {0};
    struct dbk_library library;
    char why[160];
    if (!dbk_library_find(&library, why))
        return dbk_cli_failed(program->call, "%s", why);
    if (!dbk_policy_find(&library, program->policy_word, &program->policy, &complaints) &&
        complaints.total == 0)
        dbk_complain(&complaints, "--policy", 0, 0, "%.60s cannot be read", program->policy_word);
    program->partners = dbk_partners_file_load(
        &library, program->partners_path,
        program->zero_ms == DBK_ABSENT ? ZERO_MS : program->zero_ms, &complaints);
    if (program->tokens_path)
        program->tokens = dbk_tokens_load(program->tokens_path, &complaints);
    int code = complaints.total > 0 ? dbk_cli_complain(&complaints) : 0;
    dbk_complaints_reset(&complaints);
    return code;
}

/* The seed of ids and keys is the database's: chosen at its first start, the same ever after. */
static int settle_seed(struct program *program)
{
    int64_t kept = 0, wanted = program->seed;
    if (wanted == DBK_ABSENT) {
        randombytes_buf(&wanted, sizeof wanted);
        wanted &= INT64_MAX;
    }
    if (!dbk_store_begin(program->store) ||
        !dbk_store_put_setting(program->store, "seed", wanted) ||
        dbk_store_setting(program->store, "seed", &kept) != DBK_FOUND ||
        !dbk_store_commit(program->store))
        return dbk_cli_failed(program->call, "%s cannot be written", program->db);
    if (program->seed != DBK_ABSENT && program->seed != kept)
        return dbk_cli_misuse(program->call,
                              "%s was begun with another --seed; expected that one, or none: ids "
                              "and keys derive from it",
                              program->db);
    program->seed = kept;
    return 0;
}

static int open_store(struct program *program)
{
    char why[160];
    program->store = dbk_store_sqlite_open(program->db, why);
    return program->store ? settle_seed(program)
                          : dbk_cli_misuse(program->call, "%s %s", program->db, why);
}

/* Everything that can be told before the first request. */
static int prepare(struct program *program)
{
    int code = judge_address(program);
    if (code == 0)
        code = load(program);
    return code == 0 ? open_store(program) : code;
}

/* ---- serving ---- */

/* The first signal drains; a second one ends the program as it always does. */
static void on_signal(void *context, int signals)
{
    struct program *program = context;
    struct signalfd_siginfo info;
    sigset_t set;
    if (read(signals, &info, sizeof info) != (ssize_t)sizeof info)
        return;
    program->http.is_draining = true;
    dbk_host_stop_listening(program->host);
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static bool take_signals(struct program *program)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    signal(SIGPIPE, SIG_IGN);
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
        return false;
    program->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (program->signals < 0)
        return false;
    dbk_host_watch(program->host, program->signals, on_signal, program);
    return true;
}

/* A connection each for many clients and for DBK_CORE_OPEN_MAX requests to partners. */
static void raise_limits(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static bool start_host(struct program *program, char why[static 160])
{
    const struct dbk_core_config core = {.store = program->store,
                                         .policy = &program->policy,
                                         .partners = program->partners->partners,
                                         .partner_count = program->partners->count,
                                         .seed = (uint64_t)program->seed};
    const struct dbk_host_config host = {.origin_ns = program->origin_ns,
                                         .scale = program->scale,
                                         .zero_ms = program->zero_ms,
                                         .seed = (uint64_t)program->seed,
                                         .store = program->store};
    struct dbk_core_http *http = &program->http;
    program->core = dbk_core_new(&core);
    program->host = dbk_host_new(&host, why);
    if (!program->host)
        return false;
    *http = (struct dbk_core_http){.api = dbk_core_api(program->core),
                                   .worker = dbk_core_worker(program->core),
                                   .store = program->store,
                                   .host = program->host,
                                   .tokens = program->tokens,
                                   .worked_turn = -1};
    for (size_t i = 0; i < program->partners->count; i++)
        dbk_host_route(program->host, program->partners->partners[i].name,
                       program->partners->addresses[i]);
    const struct dbk_host_party api = {
        .machine = dbk_core_http_api(http), .listen = program->listen, .uses_store = true};
    const struct dbk_host_party worker = {.machine = dbk_core_http_worker(http),
                                          .uses_store = true};
    return dbk_host_add(program->host, &api, why) != SIZE_MAX &&
           dbk_host_add(program->host, &worker, why) != SIZE_MAX;
}

static int64_t clock_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Turns until a signal, and then until every exchange is over, or the limit has come. What is still
 * open then is in doubt, and the next start looks after it. */
static bool turn(struct program *program, char why[static 160])
{
    while (!program->http.is_draining)
        if (!dbk_host_turn(program->host, -1, why))
            return false;
    for (int64_t end_ms = clock_ms() + program->drain_ms, left_ms = program->drain_ms; left_ms > 0;
         left_ms = end_ms - clock_ms()) {
        struct dbk_host_counts counts = dbk_host_counts(program->host);
        if (counts.open_in + counts.open_out == 0)
            break;
        if (!dbk_host_turn(program->host, (int)left_ms, why))
            return false;
    }
    return true;
}

static int serve(struct program *program)
{
    char why[160] = "signals cannot be taken";
    raise_limits();
    if (!start_host(program, why) || !take_signals(program))
        return dbk_cli_failed(program->call, "%s", why);
    const char *colon = strrchr(program->listen, ':');
    printf("listening on http://%.*s:%d\n", (int)(colon - program->listen), program->listen,
           dbk_host_port(program->host, 0));
    if (fflush(stdout) != 0)
        return dbk_cli_failed(program->call, "stdout: %s", strerror(errno));
    return turn(program, why) ? 0 : dbk_cli_failed(program->call, "%s", why);
}

static void reset(struct program *program)
{
    dbk_host_free(program->host);
    dbk_core_free(program->core);
    dbk_store_free(program->store);
    dbk_tokens_free(program->tokens);
    dbk_partners_file_free(program->partners);
    if (program->signals >= 0)
        close(program->signals);
}

/* ---- --check ---- */

static int check(const struct program *program)
{
    struct stat facts;
    char why[160] = "";
    if (stat(program->db, &facts) != 0 || !S_ISREG(facts.st_mode) ||
        access(program->db, R_OK | W_OK) != 0)
        return dbk_cli_misuse(program->call, "--db %s cannot be read; expected a file of bookings",
                              program->db);
    struct dbk_store *store = dbk_store_sqlite_inspect(program->db, why);
    if (!store)
        return dbk_cli_misuse(program->call, "%s %s", program->db, why);
    bool is_whole = dbk_store_check(store, why);
    dbk_store_free(store);
    if (is_whole)
        printf("whole\n");
    else
        printf("broken: %s\n", why);
    return is_whole ? 0 : BROKEN;
}

int dbk_core_command(const struct dbk_cli *call)
{
    struct program program = {.call = call,
                              .listen = "127.0.0.1:8080",
                              .policy_word = "reference",
                              .seed = DBK_ABSENT,
                              .scale = 1,
                              .zero_ms = DBK_ABSENT,
                              .drain_ms = 10000,
                              .signals = -1};
    bool wants_help = false;
    int code = read_options(&program, &wants_help);
    if (code == 0 && wants_help)
        return dbk_cli_help(call);
    if (code == 0 && program.is_check)
        return check(&program);
    umask(077); /* guests' names stand in the database */
    if (program.dies_with_parent && prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
        code = dbk_cli_failed(call, "--die-with-parent: %s", strerror(errno));
    if (code == 0)
        code = prepare(&program);
    if (code == 0)
        code = serve(&program);
    reset(&program);
    return code;
}
