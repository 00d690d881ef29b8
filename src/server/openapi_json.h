/* openapi_json: docs/openapi.yaml as JSON, made by scripts/openapi-json at build time. */
#ifndef STREAMSPACE_SERVER_OPENAPI_JSON_H
#define STREAMSPACE_SERVER_OPENAPI_JSON_H

#include <stddef.h>

extern const char openapi_json[]; /* ASCII, with a NUL */
extern const size_t openapi_json_len;
extern const char openapi_json_etag[]; /* from its content, with quotation marks */

#endif
