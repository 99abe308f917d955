package dropletstest

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// call is one request while the API processes it.
type call struct {
	req        *http.Request
	query      url.Values
	body       []byte
	id         string // the request id
	receivedAt time.Time
	now        time.Time // when the API processes it

	route      *route    // nil if no route matches
	args       []string  // the path segments that match the variables of the route's pattern
	routeError *apiError // the response if route is nil
	record     *Request  // the entry in the list of requests
}

// operation returns the API's id of the operation, or "" if no route matches.
func (c *call) operation() string {
	if c.route == nil {
		return ""
	}
	return c.route.operation
}

// argID returns path argument i as an id, or 0 if it is not a number. No object has the id 0.
func (c *call) argID(i int) int64 {
	id, err := strconv.ParseInt(c.args[i], 10, 64)
	if err != nil {
		return 0
	}
	return id
}

// url returns an absolute URL for a path, with the scheme and host of the request, so that clients can follow the links of responses.
func (c *call) url(path string) string {
	u := url.URL{Scheme: "http", Host: c.req.Host, Path: path}
	switch {
	case c.req.URL.Scheme != "":
		u.Scheme = c.req.URL.Scheme
	case c.req.TLS != nil:
		u.Scheme = "https"
	}
	return u.String()
}

// decodeBody decodes the JSON body of a request. As in the real API, an empty body is an empty object and unknown fields
// are ignored.
func decodeBody[T any](c *call) (v T, apiErr *apiError) {
	if len(bytes.TrimSpace(c.body)) == 0 {
		return v, nil
	}
	err := json.Unmarshal(c.body, &v)
	if typeErr, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		if typeErr.Field == "" {
			return v, unprocessable("The body must be a JSON object.")
		}
		return v, unprocessable("%s has the wrong type: %s.", typeErr.Field, typeErr.Value)
	}
	if err != nil {
		return v, newAPIError(http.StatusBadRequest, "Unable to parse JSON: %v.", err)
	}
	return v, nil
}
