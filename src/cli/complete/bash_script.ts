// The completion script for bash: `source <(execvm completions bash)`.

/** The script; it works with and without the package bash-completion. */
export const BASH_SCRIPT = `# Completion of execvm for bash: source <(execvm completions bash)
_execvm() {
  local line=$COMP_LINE program word kind argument candidate index
  local -a words=() places=() lines=()
  # bash also splits words at : and =; join what was typed as one word.
  for ((index = 0; index <= COMP_CWORD; index++)); do
    word=\${COMP_WORDS[index]}
    if ((index > 0)) && [[ $line != [[:space:]]* ]]; then
      words[-1]+=$word
    else
      words+=("$word")
      places+=("$index")
    fi
    line=\${line#"\${line%%[![:space:]]*}"}
    line=\${line#"$word"}
  done
  COMPREPLY=()
  program=\${words[0]/#\\~/$HOME}
  type -P -- "$program" >/dev/null || program=execvm
  mapfile -t lines < <("$program" __complete -- "\${words[@]:1}" 2>/dev/null)
  read -r kind argument <<<"\${lines[0]}"
  word=\${words[-1]}
  case $kind in
    words)
      for candidate in "\${lines[@]:1}"; do
        COMPREPLY+=("\${candidate%%$'\\t'*}")
      done
      # readline does not replace what is before the last : or =.
      [[ $word == *[:=]* && $COMP_WORDBREAKS == *:* ]] &&
        COMPREPLY=("\${COMPREPLY[@]#"\${word%"\${word##*[:=]}"}"}")
      ;;
    files | folders)
      compopt -o filenames 2>/dev/null
      [[ $kind == folders ]] && argument="-d" || argument="-f"
      mapfile -t COMPREPLY < <(compgen "$argument" -- "\${word##*=}")
      ;;
    command)
      index=\${places[argument + 1]}
      if declare -F _command_offset >/dev/null; then
        _command_offset "$index"
      elif ((index == COMP_CWORD)); then
        mapfile -t COMPREPLY < <(compgen -c -- "$word")
      else
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -f -- "$word")
      fi
      ;;
  esac
}
complete -F _execvm execvm
`;
