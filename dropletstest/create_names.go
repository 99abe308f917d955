package dropletstest

import "regexp"

const (
	maxNames      = 10
	maxNameLength = 255
)

var validName = regexp.MustCompile(`^[a-zA-Z0-9]?[a-z0-9A-Z.\-]*[a-z0-9A-Z]$`)

func (s *createSpec) resolveNames(*API) *apiError {
	switch {
	case s.Name != nil && len(s.Names) > 0:
		return unprocessable("name and names cannot be combined.")
	case s.Name != nil:
		s.names = []string{*s.Name}
	case len(s.Names) == 0:
		return unprocessable("Name can't be blank.")
	case len(s.Names) > maxNames:
		return unprocessable("Only up to %d Droplets can be created at a time.", maxNames)
	default:
		s.names = s.Names
	}
	for _, name := range s.names {
		if apiErr := checkName(name); apiErr != nil {
			return apiErr
		}
	}
	return nil
}

// checkName returns an error if name is not a valid name of a Droplet.
func checkName(name string) *apiError {
	switch {
	case name == "":
		return unprocessable("Name can't be blank.")
	case len(name) > maxNameLength:
		return unprocessable("Name is too long (maximum is %d characters).", maxNameLength)
	case !validName.MatchString(name):
		return unprocessable("Only valid hostname characters are allowed. (a-z, A-Z, 0-9, . and -) %q has others.", name)
	}
	return nil
}
