package dropletstest

import "encoding/json"

// copyOf copies a model with everything that it points to. The models go through JSON without loss.
func copyOf[T any](v T) T {
	b, err := json.Marshal(v)
	if err != nil {
		panic("dropletstest: " + err.Error())
	}
	var c T
	if err := json.Unmarshal(b, &c); err != nil {
		panic("dropletstest: " + err.Error())
	}
	return c
}
