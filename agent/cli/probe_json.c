#include "agent/cli/probe_json.h"

#include "agent/base/buf.h"
#include "agent/base/clock.h"
#include "agent/cli/probe_advice.h"
#include "agent/cli/probe_look.h"
#include "agent/cli/probe_text.h"
#include "agent/cli/probe_waterfall.h"
#include "reporters/payload.h"

static void
set(json_t *object, const char *key, json_t *value)
{
	json_object_set_new(object, key, value);
}

/* null for an empty one */
static json_t *
text_json(const char *text)
{
	return text && text[0] != '\0' ? payload_text(text) : json_null();
}

static json_t *
ms_json(int64_t us)
{
	return json_real((double)us / 1e3);
}

static json_t *
phases_json(const struct cli_probe_hop *hop)
{
	static const char *const keys[CLI_PHASES] = {
		[CLI_PHASE_DNS] = "dns_ms",
		[CLI_PHASE_CONNECT] = "connect_ms",
		[CLI_PHASE_TLS] = "tls_ms",
		[CLI_PHASE_WAIT] = "wait_ms",
		[CLI_PHASE_TRANSFER] = "transfer_ms",
	};
	struct cli_bar bars[CLI_PHASES];
	cli_probe_phases(hop, bars);
	json_t *json = json_object();
	for (int i = 0; i < CLI_PHASES; i++)
		set(json, keys[i], ms_json(bars[i].length_us));
	return json;
}

static json_t *
hop_json(const struct cli_probe_hop *hop)
{
	json_t *json = json_object();
	set(json, "method", text_json(hop->method));
	set(json, "url", text_json(hop->url));
	set(json, "address", text_json(hop->address));
	set(json, "code", hop->code ? json_integer(hop->code) : json_null());
	set(json, "reason", text_json(hop->reason));
	set(json, "content_type", text_json(hop->content_type));
	set(json, "size", json_integer((json_int_t)hop->size));
	set(json, "size_is_more", json_boolean(hop->is_cut));
	set(json, "failure",
		hop->fail ? json_string(http_fail_name(hop->fail))
			  : json_null());
	set(json, "detail", text_json(hop->detail));
	set(json, "phases", phases_json(hop));
	set(json, "total_ms", ms_json(hop->timing.total_us));
	return json;
}

static json_t *
finding_json(const struct probe_finding *finding)
{
	json_t *json = json_object();
	json_t *met = json_null();
	if (finding->outcome != PROBE_UNJUDGED)
		met = json_boolean(finding->outcome == PROBE_MET);
	set(json, "type", text_json(finding->type));
	set(json, "wanted", text_json(finding->wanted));
	set(json, "incident", json_string(status_name(finding->incident)));
	set(json, "met", met);
	set(json, "why", text_json(finding->why));
	return json;
}

static void
set_state(json_t *json, enum cli_probe_state state)
{
	set(json, "state", json_string(cli_probe_state_name(state)));
	set(json, "exit_code", json_integer(state));
}

static void
set_result(json_t *json, const struct cli_probe_seen *seen)
{
	const struct result *result = &seen->result;
	char at[CLOCK_TEXT_SIZE];
	clock_text(result->at_ms, at);
	set(json, "probed", json_string(at));
	set(json, "status", json_string(status_name(result->status)));
	set_state(json, cli_probe_state_of(result->status));
	set(json, "cause",
		result->cause ? json_string(cause_name(result->cause))
			      : json_null());
	set(json, "message", text_json(result->message));
	set(json, "code",
		result->code ? json_integer(result->code) : json_null());
	set(json, "latency_ms",
		result->code ? ms_json(result->latency_us) : json_null());

	struct buf advice;
	buf_init(&advice, 1024);
	cli_probe_advice(&advice, seen);
	set(json, "advice", text_json(advice.data));
	buf_finish(&advice);
}

json_t *
cli_probe_json(
	const struct cli_probe_asked *asked, const struct cli_probe_seen *seen)
{
	json_t *json = json_object();
	set(json, "endpoint",
		asked->is_endpoint ? text_json(asked->name) : json_null());
	set(json, "method", text_json(seen->target.method));
	set(json, "url", text_json(seen->target.url));
	set_result(json, seen);

	json_t *hops = json_array();
	for (size_t i = 0; i < seen->n_hops; i++)
		json_array_append_new(hops, hop_json(&seen->hops[i]));
	set(json, "hops", hops);
	const struct cli_probe_hop *last = cli_probe_last(seen);
	set(json, "address", last ? text_json(last->address) : json_null());
	set(json, "phases", last ? phases_json(last) : json_null());

	json_t *findings = json_array();
	const struct cli_probe_finding *at = seen->findings;
	for (; at; at = at->next)
		json_array_append_new(findings, finding_json(&at->finding));
	set(json, "expectations", findings);
	set(json, "evidence", text_json(seen->result.evidence));
	return json;
}

json_t *
cli_probe_json_error(const char *sentence)
{
	json_t *json = json_object();
	set_state(json, CLI_PROBE_UNKNOWN);
	set(json, "error", text_json(sentence));
	return json;
}
