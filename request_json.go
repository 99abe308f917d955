package droplets

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
)

// decodeRequest decodes a stored request into dst. build converts the type W, which is decoded, to the request, and wire
// converts a request to a W. decodeRequest rejects a document with anything that the request cannot hold: an unknown field, a
// field of another request, or a second value. It also rejects null. dst is unchanged if there is an error.
func decodeRequest[W, R any](b []byte, dst *R, build func(*W) (R, error), wire func(R) any) error {
	var w W
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	err := decodeObject(b, dec, &w)
	var r R
	if err == nil {
		r, err = build(&w)
	}
	if err == nil && !reflect.DeepEqual(wire(r), any(w)) {
		err = errors.New("its fields are not those of this request")
	}
	if err != nil {
		return decodeError[R](err)
	}
	*dst = r
	return nil
}

func decodeError[R any](err error) error {
	return fmt.Errorf("droplets: cannot decode %s: %w", reflect.TypeFor[R]().Name(), err)
}

// decodeObject decodes b into v. dec is a decoder that reads b. It returns an error if b is not exactly one JSON object.
func decodeObject(b []byte, dec *json.Decoder, v any) error {
	if !isObject(b) {
		return errors.New("it is not a JSON object")
	}
	if err := dec.Decode(v); err != nil {
		return err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("it has more than one value")
	}
	return nil
}
