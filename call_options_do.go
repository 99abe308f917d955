package droplets

import "strings"

// WithOperation sets the name of the operation for [Client.Do] and [AllFrom], such as "volumes_list". The name is in errors and
// log records, and [OperationFromContext] returns it. It must be printable ASCII without spaces. The operation IDs of
// DigitalOcean's OpenAPI document are a good choice. Other methods have a fixed name and reject this option.
func WithOperation(name string) CallOption {
	return func(o *callOptions) {
		if o.operation = name; name == "" || !printable(name) || strings.Contains(name, " ") {
			o.reject(invalid(fieldWithOperation, "must be printable ASCII without spaces, got %q", name))
		}
	}
}

// RequireRoot makes [Client.Do] return an error that matches [ErrInvalidResponse] if the response is not a JSON object with
// this key, or if its value is null. Without this option, a response of {} is no error and leaves the result empty. AllFrom
// checks its own root; methods other than Do and AllFrom always check their response and reject this option.
func RequireRoot(key string) CallOption {
	return func(o *callOptions) {
		if o.root = key; key == "" {
			o.reject(invalid(fieldRequireRoot, "must not be empty"))
		}
	}
}

const (
	fieldWithOperation = "WithOperation"
	fieldRequireRoot   = "RequireRoot"
	onlyForDo          = "is only for Client.Do and AllFrom"
)

// checkMethod rejects the options of Do and AllFrom for other methods.
func (o *callOptions) checkMethod() error {
	switch {
	case o.operation != "":
		return invalid(fieldWithOperation, onlyForDo)
	case o.root != "":
		return invalid(fieldRequireRoot, onlyForDo)
	}
	return nil
}
