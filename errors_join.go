package droplets

import "strings"

// joinErrors is like errors.Join, but the text of the result is one line.
func joinErrors(errs ...error) error {
	var joined joinedError
	for _, err := range errs {
		if err != nil {
			joined = append(joined, err)
		}
	}
	switch len(joined) {
	case 0:
		return nil
	case 1:
		return joined[0]
	}
	return joined
}

type joinedError []error

func (e joinedError) Error() string {
	texts := make([]string, 0, len(e))
	for _, err := range e {
		texts = append(texts, withoutPrefix(err))
	}
	return "droplets: " + strings.Join(texts, "; ")
}

func (e joinedError) Unwrap() []error { return e }

// withoutPrefix returns the text of an error for use within another error, whose text already begins with the package
// name.
func withoutPrefix(err error) string { return strings.TrimPrefix(err.Error(), "droplets: ") }
