#include "agent/inbound/quiet.h"

#include <stdlib.h>

#include "agent/base/mem.h"
#include "agent/inbound/pace.h"

enum {
	NETWORKS_MAX = 4096,
};

struct inbound_quiet {
	struct inbound_pace *networks;
	struct inbound_pace *all;
	int64_t untold;
};

struct inbound_quiet *
inbound_quiet_new(void)
{
	struct inbound_quiet *quiet = mem_zalloc(sizeof(*quiet));
	quiet->networks = inbound_pace_new(NETWORKS_MAX);
	quiet->all = inbound_pace_new(1);
	return quiet;
}

void
inbound_quiet_free(struct inbound_quiet *quiet)
{
	if (!quiet)
		return;
	inbound_pace_free(quiet->networks);
	inbound_pace_free(quiet->all);
	free(quiet);
}

bool
inbound_quiet_may_tell(struct inbound_quiet *quiet, const char *network,
	int64_t mono_ms, int64_t *untold)
{
	bool may = inbound_pace_wait_s(quiet->networks, network ? network : "",
			   INBOUND_QUIET_EACH, mono_ms)
			== 0
		&& inbound_pace_wait_s(
			   quiet->all, "", INBOUND_QUIET_ALL, mono_ms)
			== 0;
	if (!may)
		quiet->untold++;
	*untold = quiet->untold;
	if (may)
		quiet->untold = 0;
	return may;
}
