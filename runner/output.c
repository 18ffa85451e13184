#include "runner/output.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TRIES_MAX 100 /* names of files that a killed process may have left behind */

/* ---- paths ---- */

/* The folder of a path, without the slash behind it: ".", "/" or what stands before the last. */
static bool folder_of(const char *path, char folder[static PATH_MAX])
{
    const char *slash = strrchr(path, '/');
    int length = slash && slash > path ? (int)(slash - path) : 1;
    length = snprintf(folder, PATH_MAX, "%.*s", length, slash ? path : ".");
    return length < PATH_MAX;
}

static const char *last_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* Joins a folder and what is seen from it; false where it is too long. */
static bool join(const char *folder, const char *name, char path[static PATH_MAX])
{
    int length =
        snprintf(path, PATH_MAX, "%s%s%s", folder, strcmp(folder, "/") == 0 ? "" : "/", name);
    if (length >= PATH_MAX)
        errno = ENAMETOOLONG;
    return length < PATH_MAX;
}

/* Where writing to a path ends: every link is followed, also to a file that is not there yet.
 * False, with errno, where a folder on the way is missing. */
static bool resolve(const char *path, char target[static PATH_MAX])
{
    char folder[PATH_MAX], link[PATH_MAX], next[PATH_MAX];
    if (realpath(path, target))
        return true;
    if (errno != ENOENT || !folder_of(path, folder))
        return false;
    ssize_t length = readlink(path, link, sizeof link - 1);
    if (length < 0)
        return realpath(folder, next) && join(next, last_of(path), target);
    link[length] = '\0';
    if (link[0] == '/')
        return resolve(link, target);
    return join(folder, link, next) && resolve(next, target);
}

bool dbk_output_is_stdout(const char *path)
{
    struct stat facts, out;
    if (strcmp(path, "-") == 0)
        return true;
    if (stat(path, &facts) != 0 || fstat(STDOUT_FILENO, &out) != 0)
        return false;
    bool is_sink = S_ISCHR(out.st_mode) && !isatty(STDOUT_FILENO); /* nobody reads /dev/null */
    return !is_sink && facts.st_dev == out.st_dev && facts.st_ino == out.st_ino;
}

bool dbk_output_is_same(const char *one, const char *other)
{
    struct stat first, second;
    char target[PATH_MAX], other_target[PATH_MAX];
    if (stat(one, &first) == 0 && stat(other, &second) == 0) {
        bool is_kept = S_ISREG(first.st_mode) || S_ISDIR(first.st_mode);
        return is_kept && first.st_dev == second.st_dev && first.st_ino == second.st_ino;
    }
    if (!resolve(one, target) || !resolve(other, other_target))
        return strcmp(one, other) == 0;
    return strcmp(target, other_target) == 0;
}

/* ---- writing ---- */

static bool write_to(FILE *file, const struct dbk_text *text)
{
    bool is_written =
        text->length == 0 || fwrite(text->bytes, 1, text->length, file) == text->length;
    return fflush(file) == 0 && is_written;
}

static bool write_and_close(FILE *file, const struct dbk_text *text)
{
    bool is_written = write_to(file, text);
    int error = errno;
    bool is_closed = fclose(file) == 0;
    if (!is_written)
        errno = error;
    return is_written && is_closed;
}

/* Not by mkstemp, whose file only its owner may read. */
static FILE *open_beside(const char *target, char beside[static PATH_MAX])
{
    char folder[PATH_MAX], name[64];
    FILE *file = NULL;
    if (!folder_of(target, folder))
        return NULL;
    errno = EEXIST;
    for (int i = 0; i < TRIES_MAX && !file && errno == EEXIST; i++) {
        snprintf(name, sizeof name, ".doublebook-%ld-%d", (long)getpid(), i);
        file = join(folder, name, beside) ? fopen(beside, "wxe") : NULL;
    }
    return file;
}

/* old: of the file that is there; NULL: none is. */
static bool replace(const char *target, const struct stat *old, const struct dbk_text *text)
{
    char beside[PATH_MAX];
    if (old && access(target, W_OK) != 0)
        return false;
    FILE *file = open_beside(target, beside);
    if (!file)
        return false;
    bool has_rights = !old || fchmod(fileno(file), old->st_mode & 0777) == 0;
    if (write_and_close(file, text) && has_rights && rename(beside, target) == 0)
        return true;
    int error = errno;
    (void)unlink(beside);
    errno = error;
    return false;
}

static bool write_file(const char *path, const struct dbk_text *text)
{
    char target[PATH_MAX];
    struct stat facts;
    bool is_there = stat(path, &facts) == 0;
    if (!is_there || S_ISREG(facts.st_mode))
        return resolve(path, target) && replace(target, is_there ? &facts : NULL, text);
    FILE *file = fopen(path, "we");
    return file && write_and_close(file, text);
}

/* What could not be written is told once; the end of the program is not to try it again. */
static bool write_stdout(const struct dbk_text *text)
{
    if (write_to(stdout, text))
        return true;
    int error = errno;
    clearerr(stdout);
    __fpurge(stdout);
    errno = error;
    return false;
}

bool dbk_output_write(const char *path, const struct dbk_text *text, char why[static 160])
{
    if (strcmp(path, "-") == 0 ? write_stdout(text) : write_file(path, text))
        return true;
    snprintf(why, 160, "cannot be written: %s", strerror(errno));
    return false;
}
