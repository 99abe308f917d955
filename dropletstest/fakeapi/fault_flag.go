package main

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/droplets-go/droplets/dropletstest"
)

// parseFault parses the value of -fault: the JSON of POST /_fake/faults, or the compact form. The compact form has an operation, which is
// empty for all requests, and parts after colons: a status, "always", "applied", or a field with its value, such as
// "droplets_create:502:times=1".
func parseFault(text string) (dropletstest.PlannedFault, error) {
	var s faultSpec
	if strings.HasPrefix(strings.TrimSpace(text), "{") {
		if err := decodeStrict([]byte(text), &s); err != nil {
			return dropletstest.PlannedFault{}, err
		}
		return s.plan()
	}
	parts := strings.Split(text, ":")
	if len(parts) == 1 || slices.Contains(parts[1:], "") {
		return dropletstest.PlannedFault{}, errors.New("must be an operation and its fault, such as droplets_create:502:times=1, or JSON")
	}
	s.Operation = parts[0]
	for _, part := range parts[1:] {
		if err := s.set(part); err != nil {
			return dropletstest.PlannedFault{}, err
		}
	}
	return s.plan()
}

// set applies a part of the compact form.
func (s *faultSpec) set(part string) (err error) {
	name, value, _ := strings.Cut(part, "=")
	texts := map[string]*string{"method": &s.Method, "path": &s.Path, "body_contains": &s.BodyContains, "delay": &s.Delay,
		"body": &s.Body, "break": &s.Break}
	switch {
	case texts[name] != nil:
		*texts[name] = value
	case part == "always":
		s.Always = true
	case part == "applied":
		s.Applied = true
	case name == "times":
		s.Times = new(int)
		if *s.Times, err = strconv.Atoi(value); err != nil {
			return fieldErrorf("times", "must be a number, not %q", value)
		}
	default:
		if s.Status, err = strconv.Atoi(part); err != nil {
			return fmt.Errorf("%q must be a status, always, applied, or a field such as times=1", part)
		}
	}
	return nil
}
