package dropletstest

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
)

// decode reads a body. No body is an empty object, as it is to the API; unknown fields are nobody's business.
func (c *call) decode(v any) *refusal {
	if len(bytes.TrimSpace(c.body)) == 0 {
		return nil
	}
	err := json.Unmarshal(c.body, v)
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		if wrong.Field == "" {
			return unprocessable("The body must be a JSON object.")
		}
		return unprocessable("%s has the wrong type: %s.", wrong.Field, wrong.Value)
	}
	if err != nil {
		return refuse(http.StatusBadRequest, "Unable to parse JSON: %v.", err)
	}
	return nil
}
