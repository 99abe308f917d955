package main

import (
	"fmt"
	"os"
)

// variable is the environment variable that selects a mutant.
const variable = "MUTANT"

// testEnvironment returns the environment of tests with a mutant, or with none if id is 0. rapid must not write failures to files:
// it would run them again with the next mutant.
func testEnvironment(id int) []string {
	return append(os.Environ(), fmt.Sprintf("%s=%d", variable, id), "RAPID_NOFAILFILE=true")
}

// runtimeFile is the name of the file that is added to the package.
const runtimeFile = "mutant_runtime.go"

// runtime is that file: functions that behave as the original code does, unless their mutant is selected.
const runtime = `package PACKAGE

import (
	"cmp"
	"os"
	"strconv"
)

var mutant, _ = strconv.Atoi(os.Getenv("` + variable + `"))

type mutantInteger interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64
}

type mutantNumber interface {
	mutantInteger | ~float32 | ~float64
}

func mutantIs(id int) bool { return mutant == id }

func mutantNot(id int, v bool) bool { return v != (mutant == id) }

func mutantAnd(id int, a bool, b func() bool) bool {
	if mutant == id {
		return a || b()
	}
	return a && b()
}

func mutantOr(id int, a bool, b func() bool) bool {
	if mutant == id {
		return a && b()
	}
	return a || b()
}

func mutantLess[T cmp.Ordered](id int, a, b T) bool {
	switch mutant {
	case id:
		return a <= b
	case id + 1:
		return a >= b
	}
	return a < b
}

func mutantAtMost[T cmp.Ordered](id int, a, b T) bool {
	switch mutant {
	case id:
		return a < b
	case id + 1:
		return a > b
	}
	return a <= b
}

func mutantMore[T cmp.Ordered](id int, a, b T) bool {
	switch mutant {
	case id:
		return a >= b
	case id + 1:
		return a <= b
	}
	return a > b
}

func mutantAtLeast[T cmp.Ordered](id int, a, b T) bool {
	switch mutant {
	case id:
		return a > b
	case id + 1:
		return a < b
	}
	return a >= b
}

func mutantAdd[T mutantNumber](id int, a, b T) T {
	if mutant == id {
		return a - b
	}
	return a + b
}

func mutantSub[T mutantNumber](id int, a, b T) T {
	if mutant == id {
		return a + b
	}
	return a - b
}

func mutantMul[T mutantNumber](id int, a, b T) T {
	if mutant == id {
		return a / b
	}
	return a * b
}

func mutantDiv[T mutantNumber](id int, a, b T) T {
	if mutant == id {
		return a * b
	}
	return a / b
}

func mutantRem[T mutantInteger](id int, a, b T) T {
	if mutant == id {
		return a * b
	}
	return a % b
}

func mutantOpposite[T mutantNumber](id int, a T) T {
	if mutant == id {
		return -a
	}
	return a
}

func mutantNext[T mutantNumber](id int, a T) T {
	if mutant == id {
		return a + 1
	}
	return a
}

func mutantErr(id int, err error) error {
	if mutant == id {
		return nil
	}
	return err
}
`
