package check

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
)

// decode decodes JSON, numbers as json.Number. It returns nil if b is not JSON.
func decode(b []byte) any {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		return nil
	}
	return v
}

func isJSON(contentType string) bool {
	return strings.HasPrefix(strings.ToLower(contentType), "application/json")
}

// scan reports whether there is data after the first value, and returns the JSON pointers of keys that occur twice: encoding/json
// accepts duplicate keys. It returns false and nil if body is not JSON.
func scan(body []byte) (trailing bool, duplicates []string) {
	d := json.NewDecoder(bytes.NewReader(body))
	if scanValue(d, "", &duplicates) != nil {
		return false, nil
	}
	_, err := d.Token()
	return !errors.Is(err, io.EOF), duplicates
}

func scanValue(d *json.Decoder, pointer string, duplicates *[]string) error {
	token, err := d.Token()
	if err != nil {
		return err
	}
	delim, ok := token.(json.Delim)
	if !ok {
		return nil
	}
	seen := make(map[string]bool)
	for i := 0; d.More(); i++ {
		name := strconv.Itoa(i)
		if delim == '{' {
			key, err := d.Token()
			if err != nil {
				return err
			}
			name, _ = key.(string)
			if seen[name] {
				*duplicates = append(*duplicates, pointer+"/"+name)
			}
			seen[name] = true
		}
		if err := scanValue(d, pointer+"/"+name, duplicates); err != nil {
			return err
		}
	}
	_, err = d.Token()
	return err
}
