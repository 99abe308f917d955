package spec

import (
	"net/http"
	"strconv"

	"github.com/getkin/kin-openapi/openapi3"
)

// Operation is an operation of the API.
type Operation struct {
	*openapi3.Operation
	// ID is the operation ID, such as "droplets_get".
	ID string
	// Method and Path are those of its requests. Path has parameters, such as "/v2/droplets/{droplet_id}".
	Method, Path string
	// Item is the path with all its operations.
	Item *openapi3.PathItem
}

// SuccessStatus returns the lowest status of a success; 0 if there is none.
func (o *Operation) SuccessStatus() int {
	best := 0
	for key := range o.Responses.Map() {
		status, err := strconv.Atoi(key)
		if err == nil && status/100 == http.StatusOK/100 && (best == 0 || status < best) {
			best = status
		}
	}
	return best
}

// Response returns the response for a status. If the status is not declared, it returns false and the default response, which may be
// nil.
func (o *Operation) Response(status int) (response *openapi3.Response, declared bool) {
	if ref := o.Responses.Status(status); ref != nil {
		return ref.Value, true
	}
	if ref := o.Responses.Default(); ref != nil {
		return ref.Value, false
	}
	return nil, false
}

// RequestSchema returns the schema of the request body; nil if there is none.
func (o *Operation) RequestSchema() *openapi3.Schema {
	if o.RequestBody == nil {
		return nil
	}
	return Schema(o.RequestBody.Value.Content)
}

// Schema returns the schema of a JSON body; nil if there is none.
func Schema(content openapi3.Content) *openapi3.Schema {
	if media := content.Get("application/json"); media != nil && media.Schema != nil {
		return media.Schema.Value
	}
	return nil
}

// HasParameter reports whether the operation has the parameter, such as "per_page" in the query.
func (o *Operation) HasParameter(in, name string) bool {
	return o.Parameters.GetByInAndName(in, name) != nil
}
