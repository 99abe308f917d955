package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
)

// checkedPackage is the path of the package that is checked, as its types have it.
const checkedPackage = "p"

// checker finds the types of the expressions in a package.
type checker struct {
	name    string            // of the package
	exports map[string]string // the compiled packages that it imports
}

func newChecker(ctx context.Context, dir string) (*checker, error) {
	command := exec.CommandContext(ctx, "go", "list", "-export", "-deps", "-json=ImportPath,Export,Name", "cmp", "os", "strconv", ".")
	command.Dir = dir
	out, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	c := &checker{exports: make(map[string]string)}
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var listed struct{ ImportPath, Export, Name string }
		if err := dec.Decode(&listed); errors.Is(err, io.EOF) {
			return c, nil
		} else if err != nil {
			return nil, err
		}
		c.exports[listed.ImportPath] = listed.Export
		c.name = listed.Name // the package itself comes last
	}
}

// check parses the files of the package and finds their types. It returns all errors.
func (c *checker) check(sources map[string][]byte) (*token.FileSet, map[string]*ast.File, *types.Info, []types.Error) {
	fset, files := token.NewFileSet(), make(map[string]*ast.File)
	var list []*ast.File
	var errs []types.Error
	for name, source := range sources {
		parsed, err := parser.ParseFile(fset, name, source, parser.SkipObjectResolution)
		if err != nil {
			errs = append(errs, types.Error{Fset: fset, Msg: err.Error(), Pos: parsed.Pos()})
			continue
		}
		files[name] = parsed
		list = append(list, parsed)
	}
	lookup := func(path string) (io.ReadCloser, error) { return os.Open(c.exports[path]) }
	info := &types.Info{Types: make(map[ast.Expr]types.TypeAndValue)}
	config := types.Config{Importer: importer.ForCompiler(fset, "gc", lookup), Error: func(err error) {
		var typed types.Error
		if errors.As(err, &typed) && !typed.Soft {
			errs = append(errs, typed)
		}
	}}
	_, _ = config.Check(checkedPackage, fset, list, info) // the errors are collected above
	return fset, files, info, errs
}
