/*
 * Of the process, under the names that all of Prometheus' own have for it.
 * What the kernel does not tell is left out.
 */
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "agent/agent.h"
#include "agent/web/metrics_families.h"
#include "agent/web/metrics_text.h"

static void
add_cpu(const struct web_metrics_family *family, const struct agent *agent,
	struct buf *out)
{
	(void)agent;
	struct rusage usage;
	if (getrusage(RUSAGE_SELF, &usage) != 0)
		return;
	struct web_metrics_sample sample =
		web_metrics_sample(out, family->name);
	web_metrics_put_us(&sample,
		((int64_t)usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
				* 1000000
			+ usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

enum memory {
	MEMORY_VIRTUAL = 0,
	MEMORY_RESIDENT,
};

static void
add_memory(const struct web_metrics_family *family, enum memory which,
	struct buf *out)
{
	unsigned long long pages[2];
	FILE *file = fopen("/proc/self/statm", "re");
	if (!file)
		return;
	/* NOLINTNEXTLINE(cert-err34-c): it is the kernel that wrote it */
	bool good = fscanf(file, "%llu %llu", &pages[0], &pages[1]) == 2;
	fclose(file);
	long page_size = sysconf(_SC_PAGESIZE);
	if (!good || page_size <= 0)
		return;
	struct web_metrics_sample sample =
		web_metrics_sample(out, family->name);
	web_metrics_put(&sample, pages[which] * (uint64_t)page_size);
}

static void
add_virtual(const struct web_metrics_family *family, const struct agent *agent,
	struct buf *out)
{
	(void)agent;
	add_memory(family, MEMORY_VIRTUAL, out);
}

static void
add_resident(const struct web_metrics_family *family, const struct agent *agent,
	struct buf *out)
{
	(void)agent;
	add_memory(family, MEMORY_RESIDENT, out);
}

static void
add_open_fds(const struct web_metrics_family *family, const struct agent *agent,
	struct buf *out)
{
	(void)agent;
	DIR *folder = opendir("/proc/self/fd");
	if (!folder)
		return;
	uint64_t count = 0;
	for (const struct dirent *entry = readdir(folder); entry;
		entry = readdir(folder))
		count += entry->d_name[0] != '.';
	closedir(folder);
	struct web_metrics_sample sample =
		web_metrics_sample(out, family->name);
	web_metrics_put(
		&sample, count > 0 ? count - 1 : 0); /* not that of ours */
}

static void
add_max_fds(const struct web_metrics_family *family, const struct agent *agent,
	struct buf *out)
{
	(void)agent;
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	struct web_metrics_sample sample =
		web_metrics_sample(out, family->name);
	web_metrics_put(&sample, limit.rlim_cur);
}

static void
add_start(const struct web_metrics_family *family, const struct agent *agent,
	struct buf *out)
{
	struct web_metrics_sample sample =
		web_metrics_sample(out, family->name);
	web_metrics_put_ms(&sample, agent_view(agent).started_ms);
}

const struct web_metrics_family web_metrics_of_process[] = {
	{ "process_cpu_seconds_total", "counter",
		"Time on processors, of user and system together.",
		.of_agent = add_cpu },
	{ "process_resident_memory_bytes", "gauge", "Memory in use.",
		.of_agent = add_resident },
	{ "process_virtual_memory_bytes", "gauge", "Addresses in use.",
		.of_agent = add_virtual },
	{ "process_open_fds", "gauge", "Open file descriptors.",
		.of_agent = add_open_fds },
	{ "process_max_fds", "gauge", "How many there may be.",
		.of_agent = add_max_fds },
	{ "process_start_time_seconds", "gauge",
		"When it started, in seconds since 1970.",
		.of_agent = add_start },
	{ 0 },
};
