package droplets

import "strings"

// joinErrors is errors.Join in one line: several failures, each of them to be matched.
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

// withoutPrefix is the text of an error within another: the name of the package stands once, in front.
func withoutPrefix(err error) string { return strings.TrimPrefix(err.Error(), "droplets: ") }
