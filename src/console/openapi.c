/* SPDX-License-Identifier: Apache-2.0 */
/* The OpenAPI description, made from operations_table.h. */
#include "console/access.h"
#include "console/api.h"

#include "base/json.h"
#include "console/shape.h"

#include <assert.h>

struct operation {
    const char *id, *method, *path;
    enum role role;
    const char *summary, *query, *body, *answer;
};

static const struct operation operations[] = {
#define X(ID, METHOD, path, ROLE, handler, summary, query, body, answer)                           \
    {#ID, #METHOD, path, ROLE_##ROLE, summary, query, body, answer},
    OPERATIONS(X)
#undef X
};

static void put_lower(struct buf *out, const char *text)
{
    for (; *text; text++) buf_putc(out, *text >= 'A' && *text <= 'Z' ? (char)(*text + 32) : *text);
}

static void put_parameter(struct buf *out, struct str name, const char *where, bool required,
                          struct str shape)
{
    struct buf text = {0};
    buf_put(&text, shape);
    buf_putc(&text, '\0');
    json_comma(out);
    buf_putc(out, '{');
    json_kv_str(out, S("name"), name);
    json_kv_str(out, S("in"), str_z(where));
    json_kv_bool(out, S("required"), required);
    json_key(out, S("schema"));
    shape_put_schema(out, buf_str(&text).p);
    buf_putc(out, '}');
    buf_fini(&text);
}

static void put_query_key(void *ctx, const struct shape_key *key)
{
    put_parameter(ctx, key->name, "query", !key->optional, key->shape);
}

static void put_parameters(struct buf *out, const struct operation *op)
{
    struct str path = str_z(op->path);
    json_key(out, S("parameters"));
    buf_putc(out, '[');
    for (size_t at = 0; (at = str_find_char(path, '{', at)) != SIZE_MAX; at++) {
        size_t end = str_find_char(path, '}', at);
        assert(end != SIZE_MAX);
        put_parameter(out, str_of(path.p + at + 1, end - at - 1), "path", true, S("string"));
    }
    if (*op->query) shape_each_key(op->query, put_query_key, out);
    buf_putc(out, ']');
}

static void put_content(struct buf *out, const char *shape)
{
    bool json = !strchr(shape, '/');
    json_key(out, S("content"));
    buf_putc(out, '{');
    json_key(out, json ? S("application/json") : str_z(shape));
    buf_put(out, S("{\"schema\":"));
    if (json) {
        shape_put_schema(out, shape);
    } else {
        buf_put(out, S("{\"type\":\"string\"}"));
    }
    buf_put(out, S("}}"));
}

static void put_operation(struct buf *out, const struct operation *op)
{
    struct buf id = {0};
    put_lower(&id, op->id);
    put_lower(out, op->method);
    buf_put(out, S("\":{"));
    json_kv_str(out, S("operationId"), buf_str(&id));
    json_kv_str(out, S("summary"), str_z(op->summary));
    json_kv_str(out, S("x-role"), role_name(op->role));
    if (op->role == ROLE_ANYONE) json_kv_raw(out, S("security"), S("[]"));
    put_parameters(out, op);
    if (*op->body) {
        json_key(out, S("requestBody"));
        buf_put(out, S("{\"required\":true"));
        put_content(out, op->body);
        buf_putc(out, '}');
    }
    json_key(out, S("responses"));
    buf_put(out, S("{\"200\":{\"description\":\"done\""));
    put_content(out, op->answer);
    buf_put(out, S("},\"default\":{\"description\":\"refused, with the reason\""));
    put_content(out, "Error");
    buf_put(out, S("}}}"));
    buf_fini(&id);
}

/* Operations of one path stand together in OpenAPI, wherever their rows are. */
static bool is_first_of_path(size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (!strcmp(operations[i].path, operations[index].path)) return false;
    }
    return true;
}

static void put_path(struct buf *out, size_t index)
{
    json_key(out, str_z(operations[index].path));
    buf_putc(out, '{');
    for (size_t i = index; i < countof(operations); i++) {
        if (strcmp(operations[i].path, operations[index].path) != 0) continue;
        json_comma(out);
        buf_putc(out, '"');
        put_operation(out, &operations[i]);
    }
    buf_putc(out, '}');
}

void console_openapi(struct buf *out)
{
    buf_put(out, S("{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"pixeld\","
                   "\"version\":\"" PIXELD_VERSION "\",\"description\":\"The admin address of "
                   "pixeld: health, metrics and everything the console does.\"},\"paths\":{"));
    for (size_t i = 0; i < countof(operations); i++) {
        if (is_first_of_path(i)) put_path(out, i);
    }
    buf_put(out, S("},\"components\":{\"schemas\":{"));
#define X(Name, shape)                                                                             \
    json_key(out, S(#Name));                                                                       \
    shape_put_schema(out, shape);
    SHAPES(X)
#undef X
    buf_put(out, S("},\"securitySchemes\":{\"token\":{\"type\":\"http\",\"scheme\":\"bearer\"},"
                   "\"session\":{\"type\":\"apiKey\",\"in\":\"cookie\",\"name\":"
                   "\"" ACCESS_COOKIE "\"}}},\"security\":[{\"token\":[]},{\"session\":[]}]}"));
}

void get_openapi(void *ctx, struct http_request *req)
{
    struct buf body = {0};
    (void)ctx;
    console_openapi(&body);
    api_answer(req, 200, &body);
}
