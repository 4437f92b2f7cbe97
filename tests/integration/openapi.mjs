// Holds answers of the admin API against its own description.
import assert from 'node:assert/strict';
import Ajv from 'ajv/dist/2020.js';

export class Description {
  constructor(document) {
    this.document = document;
    this.ajv = new Ajv({ strict: false, allErrors: true });
    this.ajv.addSchema({ $id: 'api', components: document.components });
    this.seen = new Set();
  }
  static async of(admin, headers = {}) {
    return new Description(await (await fetch(`${admin}/api/v1/openapi.json`, { headers })).json());
  }
  operations() {
    return Object.entries(this.document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method, operation })));
  }
  // check says whether the answer of METHOD /path (with its {names}) has the promised shape.
  check(method, path, status, body) {
    const operation = this.document.paths[path]?.[method];
    assert.ok(operation, `${method} ${path} is not described`);
    const response = operation.responses[status] ?? operation.responses.default;
    const schema = response.content['application/json'].schema;
    const text = JSON.stringify(schema).replaceAll('"#/components', '"api#/components');
    const valid = this.ajv.compile(JSON.parse(text));
    assert.ok(valid(body), `${method} ${path} ${status}: ${JSON.stringify(valid.errors)} in ${JSON.stringify(body).slice(0, 600)}`);
    this.seen.add(`${method} ${path}`);
    return body;
  }
}

// A client of the API that checks every answer it gets.
export class Api {
  constructor(admin, description, headers = {}) { Object.assign(this, { admin, description, headers }); }
  as(headers) { return new Api(this.admin, this.description, headers); }
  async call(method, path, { params = {}, body, query = '', headers = {} } = {}) {
    let url = path;
    for (const [name, value] of Object.entries(params)) url = url.replace(`{${name}}`, encodeURIComponent(value));
    const response = await fetch(this.admin + url + query, {
      method: method.toUpperCase(),
      headers: { ...this.headers, ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const json = await response.json();
    this.description.check(method, path, response.status, json);
    return { status: response.status, json, cookie: response.headers.get('set-cookie') };
  }
}
