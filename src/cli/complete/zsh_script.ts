// The completion script for zsh: `source <(execvm completions zsh)`, or a file `_execvm` in
// `fpath`.

/** The script; `compinit` must have been run before it. */
export const ZSH_SCRIPT = `#compdef execvm
# Completion of execvm for zsh: source <(execvm completions zsh), after compinit
_execvm() {
  local kind argument line
  local -a lines pairs
  lines=("\${(@f)$("\${(Q)words[1]}" __complete -- "\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}" 2>/dev/null)}")
  kind=\${lines[1]%% *}
  argument=\${lines[1]#* }
  case $kind in
    words)
      for line in "\${(@)lines[2,-1]}"; do
        pairs+=("\${\${line%%$'\\t'*}//:/\\\\:}\${\${line#*$'\\t'}:+:\${line#*$'\\t'}}")
      done
      _describe -t values execvm pairs
      ;;
    files | folders)
      ((argument > 0)) && compset -p "$argument"
      if [[ $kind == folders ]]; then _files -/; else _files; fi
      ;;
    command)
      shift "$((argument + 1))" words
      ((CURRENT -= argument + 1))
      _normal
      ;;
  esac
}
if [[ $funcstack[1] == _execvm ]]; then _execvm "$@"; else compdef _execvm execvm; fi
`;
