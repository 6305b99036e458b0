/*
 * The attacker of writes.test.ts: a process in the workspace that exchanges a folder with a link to a folder outside, and back,
 * whenever somebody touches WATCHED, and blindly in between. Usage: swapper FOLDER LINK WATCHED. It ends with its input.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define EXCHANGE 2

static void swap(char **names) {
  syscall(SYS_renameat2, AT_FDCWD, names[1], AT_FDCWD, names[2], EXCHANGE);
}

static void wait_us(long us) {
  struct timespec time = {0, us * 1000};
  nanosleep(&time, NULL);
}

int main(int count, char **names) {
  if (count != 4) return 2;
  int events = inotify_init1(IN_NONBLOCK);
  if (inotify_add_watch(events, names[3], IN_OPEN | IN_ACCESS | IN_CREATE | IN_CLOSE | IN_MOVE | IN_DELETE) < 0) return 1;
  puts("ready");
  fflush(stdout);
  static char seen[65536];
  for (;;) {
    struct pollfd wanted[2] = {{events, POLLIN, 0}, {0, POLLIN | POLLHUP, 0}};
    int found = poll(wanted, 2, 1 + rand() % 10);
    if (wanted[1].revents != 0) return 0;
    if (found > 0) while (read(events, seen, sizeof seen) > 0) continue;
    /* Sometimes at once, sometimes later in what the other one does. */
    if (rand() % 2) wait_us(rand() % 6000);
    swap(names);
    wait_us(rand() % 2 ? rand() % 200 : rand() % 5000);
    swap(names);
    wait_us(rand() % 10000);
    while (read(events, seen, sizeof seen) > 0) continue;
  }
}
