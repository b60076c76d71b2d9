#include "agent/cli/container.h"

#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/str.h"

static void
on_asked_to_end(int number)
{
	_exit(128 + number);
}

/*
 * The kernel keeps from process 1 each signal that it does not handle: verbs
 * that leave it to the default would not end on Ctrl-C.  `run` handles its own
 * later.  Children of others end up at process 1; ignored, they leave at once.
 */
void
cli_container_enter(void)
{
	static const int ending[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };
	if (getpid() != 1)
		return;
	struct sigaction action = { .sa_handler = on_asked_to_end };
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < sizeof(ending) / sizeof(ending[0]); i++)
		(void)sigaction(ending[i], &action, NULL);
	action.sa_handler = SIG_IGN;
	(void)sigaction(SIGCHLD, &action, NULL);
}

/* "python", "python3.7", "/usr/local/bin/python3" */
static bool
is_python(const char *word)
{
	static const char python[] = "python";
	const char *slash = strrchr(word, '/');
	const char *name = slash ? slash + 1 : word;
	if (!str_starts(name, python))
		return false;
	const char *version = name + strlen(python);
	return version[strspn(version, "0123456789.")] == '\0';
}

const char *
cli_container_old_verb(int argc, char **argv)
{
	if (argc < 3 || !is_python(argv[1]))
		return NULL;
	if (str_ends(argv[2], "cachet_url_monitor/client.py"))
		return "scrape";
	if (str_ends(argv[2], "cachet_url_monitor/scheduler.py"))
		return "run";
	return NULL;
}
