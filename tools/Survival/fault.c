// Preloaded into a command: kills it, sends it a signal or lets a call fail, exactly at the n-th call of a kind on paths that match.
//   SURVIVAL_LOG=FILE      writes "kind<TAB>path" of every call on a path below one of SURVIVAL_ROOTS
//   SURVIVAL_KINDS=a,b     which calls count: open read rename unlink mkdir rmdir write fsync truncate copy ("read": opened to read)
//   SURVIVAL_PATTERN=GLOB  which paths count; SURVIVAL_AT=N: at which call of these
//   SURVIVAL_WHEN=before | middle (half of a write is done) | after
//   SURVIVAL_SIGNAL=9      is sent to the process;  SURVIVAL_ERRNO=28: the call fails with it;  SURVIVAL_ONWARDS=1: and so do all later ones
//   SURVIVAL_BYTES=N       so many bytes can be written below the roots, then there is no space left
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static const char *roots, *kinds, *pattern, *when;
static long at, bytes_left = -1;
static int signal_number, error_number, onwards, log_handle = -1;
static atomic_long hits, written;

#define NEXT(name) ((__typeof__(&name))next(#name))
static void *next(const char *name) { return dlsym(RTLD_NEXT, name); }

__attribute__((constructor)) static void begin(void)
{
    const char *text;
    roots = getenv("SURVIVAL_ROOTS");
    kinds = getenv("SURVIVAL_KINDS");
    pattern = getenv("SURVIVAL_PATTERN");
    when = getenv("SURVIVAL_WHEN");
    if ((text = getenv("SURVIVAL_AT"))) at = atol(text);
    if ((text = getenv("SURVIVAL_SIGNAL"))) signal_number = atoi(text);
    if ((text = getenv("SURVIVAL_ERRNO"))) error_number = atoi(text);
    if ((text = getenv("SURVIVAL_ONWARDS"))) onwards = atoi(text);
    if ((text = getenv("SURVIVAL_BYTES"))) bytes_left = atol(text);
    if ((text = getenv("SURVIVAL_LOG"))) log_handle = (int)syscall(SYS_openat, AT_FDCWD, text, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    // What the command starts is another program.
    unsetenv("LD_PRELOAD");
}

static int below_roots(const char *path)
{
    for (const char *root = roots; root && *root;)
    {
        size_t length = strcspn(root, ":");
        if (strncmp(path, root, length) == 0 && (path[length] == '/' || path[length] == 0)) return 1;
        root += length + (root[length] == ':');
    }
    return 0;
}

static int kind_counts(const char *kind)
{
    size_t length = strlen(kind);
    for (const char *found = kinds; found && (found = strstr(found, kind)); found += length)
        if ((found == kinds || found[-1] == ',') && (found[length] == ',' || found[length] == 0)) return 1;
    return 0;
}

static int path_of(int handle, char *path)
{
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", handle);
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return path[0] == '/';
}

// True if it is this call's turn.
static int meet(const char *kind, const char *path)
{
    if (!path || !below_roots(path)) return 0;
    if (log_handle >= 0)
    {
        char line[PATH_MAX + 32];
        int length = snprintf(line, sizeof line, "%s\t%s\n", kind, path);
        syscall(SYS_write, log_handle, line, length);
    }
    if (!at || !kind_counts(kind) || (pattern && fnmatch(pattern, path, 0) != 0)) return 0;
    long hit = ++hits;
    return hit == at || (onwards && hit > at);
}

static void strike(void)
{
    if (!signal_number) return;
    kill(getpid(), signal_number);
    if (signal_number == SIGKILL) for (;;) pause();
}

static int is(const char *moment) { return when && strcmp(when, moment) == 0; }

// The frame of every call: strike before, fail, or call and strike behind it.
#define AROUND(turn, failed, call) \
    do { \
        int turn_ = (turn); \
        if (turn_ && error_number) { errno = error_number; return failed; } \
        if (turn_ && !is("after")) strike(); \
        __typeof__(call) result_ = (call); \
        if (turn_ && is("after")) { int saved_ = errno; strike(); errno = saved_; } \
        return result_; \
    } while (0)

static const char *open_kind(int flags) { return (flags & (O_CREAT | O_TRUNC)) || (flags & O_ACCMODE) != O_RDONLY ? "open" : "read"; }
#define MODE int mode = 0; if (flags & (O_CREAT | __O_TMPFILE)) { va_list list; va_start(list, flags); mode = va_arg(list, int); va_end(list); }

int open(const char *path, int flags, ...) { MODE AROUND(meet(open_kind(flags), path), -1, NEXT(open)(path, flags, mode)); }
int open64(const char *path, int flags, ...) { MODE AROUND(meet(open_kind(flags), path), -1, NEXT(open64)(path, flags, mode)); }
int openat(int folder, const char *path, int flags, ...) { MODE AROUND(meet(open_kind(flags), path), -1, NEXT(openat)(folder, path, flags, mode)); }
int openat64(int folder, const char *path, int flags, ...) { MODE AROUND(meet(open_kind(flags), path), -1, NEXT(openat64)(folder, path, flags, mode)); }
int rename(const char *from, const char *to) { AROUND(meet("rename", to), -1, NEXT(rename)(from, to)); }
int renameat(int a, const char *from, int b, const char *to) { AROUND(meet("rename", to), -1, NEXT(renameat)(a, from, b, to)); }
int renameat2(int a, const char *from, int b, const char *to, unsigned flags) { AROUND(meet("rename", to), -1, NEXT(renameat2)(a, from, b, to, flags)); }
int link(const char *from, const char *to) { AROUND(meet("open", to), -1, NEXT(link)(from, to)); }
int symlink(const char *from, const char *to) { AROUND(meet("open", to), -1, NEXT(symlink)(from, to)); }
int unlink(const char *path) { AROUND(meet("unlink", path), -1, NEXT(unlink)(path)); }
int unlinkat(int folder, const char *path, int flags) { AROUND(meet("unlink", path), -1, NEXT(unlinkat)(folder, path, flags)); }
int mkdir(const char *path, mode_t mode) { AROUND(meet("mkdir", path), -1, NEXT(mkdir)(path, mode)); }
int rmdir(const char *path) { AROUND(meet("rmdir", path), -1, NEXT(rmdir)(path)); }

#define HANDLE_CALL(kind, handle, call) \
    char path[PATH_MAX]; \
    int known = (roots != NULL) && path_of(handle, path); \
    AROUND(known && meet(kind, path), -1, call)

int fsync(int handle) { HANDLE_CALL("fsync", handle, NEXT(fsync)(handle)); }
int fdatasync(int handle) { HANDLE_CALL("fsync", handle, NEXT(fdatasync)(handle)); }
int ftruncate(int handle, off_t length) { HANDLE_CALL("truncate", handle, NEXT(ftruncate)(handle, length)); }
int ftruncate64(int handle, off64_t length) { HANDLE_CALL("truncate", handle, NEXT(ftruncate64)(handle, length)); }
ssize_t copy_file_range(int a, off64_t *x, int handle, off64_t *y, size_t count, unsigned flags) { HANDLE_CALL("copy", handle, NEXT(copy_file_range)(a, x, handle, y, count, flags)); }
ssize_t sendfile(int handle, int from, off_t *offset, size_t count) { HANDLE_CALL("copy", handle, NEXT(sendfile)(handle, from, offset, count)); }
ssize_t sendfile64(int handle, int from, off64_t *offset, size_t count) { HANDLE_CALL("copy", handle, NEXT(sendfile64)(handle, from, offset, count)); }

// How many bytes of a write may still be done; -1: all.
static ssize_t allowed(const char *path, size_t count)
{
    if (bytes_left < 0 || !below_roots(path)) return -1;
    long before = atomic_fetch_add(&written, (long)count);
    return before + (long)count <= bytes_left ? -1 : before >= bytes_left ? 0 : bytes_left - before;
}

static ssize_t put(int handle, const void *data, size_t count, off_t offset)
{
    return offset >= 0 ? syscall(SYS_pwrite64, handle, data, count, offset) : syscall(SYS_write, handle, data, count);
}

static ssize_t write_call(int handle, const void *data, size_t count, off_t offset)
{
    char path[PATH_MAX];
    if (!roots || !path_of(handle, path) || !below_roots(path)) return put(handle, data, count, offset);
    int turn = meet("write", path);
    if (turn && error_number) { errno = error_number; return -1; }
    if (turn && is("before")) strike();
    if (turn && is("middle")) { put(handle, data, count / 2, offset); strike(); }
    ssize_t limit = allowed(path, count);
    if (limit == 0) { errno = ENOSPC; return -1; }
    ssize_t done = put(handle, data, limit > 0 ? (size_t)limit : count, offset);
    if (turn && is("after")) { int saved = errno; strike(); errno = saved; }
    return done;
}

ssize_t write(int handle, const void *data, size_t count) { return write_call(handle, data, count, -1); }
ssize_t pwrite(int handle, const void *data, size_t count, off_t offset) { return write_call(handle, data, count, offset); }
ssize_t pwrite64(int handle, const void *data, size_t count, off64_t offset) { return write_call(handle, data, count, offset); }

// Gathered writes, one piece after the other; fewer bytes than asked for is what a caller has to expect.
static ssize_t gather(int handle, const struct iovec *pieces, int count, off_t offset)
{
    ssize_t total = 0;
    for (int i = 0; i < count; i++)
    {
        ssize_t done = write_call(handle, pieces[i].iov_base, pieces[i].iov_len, offset < 0 ? -1 : offset + total);
        if (done < 0) return total > 0 ? total : -1;
        total += done;
        if ((size_t)done < pieces[i].iov_len) break;
    }
    return total;
}

ssize_t writev(int handle, const struct iovec *pieces, int count) { return gather(handle, pieces, count, -1); }
ssize_t pwritev(int handle, const struct iovec *pieces, int count, off_t offset) { return gather(handle, pieces, count, offset); }
ssize_t pwritev64(int handle, const struct iovec *pieces, int count, off64_t offset) { return gather(handle, pieces, count, offset); }
