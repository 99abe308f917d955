package main

import "slices"

// exceptions returns the differences that are intended: the keys are the lines, the values are the reasons.
func exceptions() map[string]string {
	return map[string]string{}
}

// withoutExceptions removes the lines that are excepted, and adds a line for each exception that is not needed.
func withoutExceptions(lines []string, excepted map[string]string) []string {
	var out []string
	for _, line := range lines {
		if _, ok := excepted[line]; !ok {
			out = append(out, line)
		}
	}
	for line := range excepted {
		if !slices.Contains(lines, line) {
			out = append(out, "exception that is not needed: "+line)
		}
	}
	slices.Sort(out)
	return out
}
