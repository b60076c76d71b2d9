#include "probes/body.h"

#include "agent/base/utf8.h"
#include "agent/http/response.h"
#include "probes/charset.h"
#include "probes/decode.h"

/* The beginning of a text, up to the end of a character. */
static void
cut(struct body *body, size_t len)
{
	body->len = len - utf8_tail(body->text, len);
}

bool
body_read(struct body *body, const struct http_response *response, size_t max)
{
	*body = (struct body){
		.text = response->body,
		.len = response->body_len,
	};
	buf_init(&body->decoded, max);
	buf_init(&body->converted, max * CHARSET_GROWTH);

	struct decode_plan plan;
	decode_plan(response->headers, &plan);
	bool is_coded = plan.n > 0;
	if (is_coded) {
		if (!decode_body(&plan, body->text, body->len, &body->decoded))
			return false;
		body->text = body->decoded.data;
		body->len = body->decoded.len;
	}
	if (body->len > max)
		cut(body, max);
	else if (response->body_cut || body->decoded.full)
		cut(body, body->len);

	if (charset_convert(response->headers, body->text, body->len,
		    &body->converted)) {
		body->text = body->converted.data;
		body->len = body->converted.len;
	}
	return true;
}

void
body_finish(struct body *body)
{
	buf_finish(&body->decoded);
	buf_finish(&body->converted);
}

bool
body_is_plausible(const struct http_response *response)
{
	struct decode_plan plan;
	if (response->body_len == 0)
		return true;
	decode_plan(response->headers, &plan);
	return decode_is_plausible(&plan, response->body, response->body_len);
}
