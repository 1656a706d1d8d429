"""What studios load before their first prompt, loaded once by the process that they are forked from."""

from nightreel.studio.agent.lexicon import warm_up

warm_up()
